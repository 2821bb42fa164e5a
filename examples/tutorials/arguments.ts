/** Requests and responses (tutorial 3.1 and 3.2): where arguments come from, and what a handler sends back. */
import { Application, RequestHandler, type Settings } from 'gale';

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Arguments</title>
<main>
<h1>Arguments</h1>
<form action="/both?user=query&user_list=0" method="post">
  <label>User <input name="user" value="zhanggen"></label>
  <label><input type="checkbox" name="user_list" value="1" checked> 1</label>
  <label><input type="checkbox" name="user_list" value="2" checked> 2</label>
  <button>Send</button>
</form>
</main>
</html>
`;

class Page extends RequestHandler {
  get(): void {
    this.write(page);
  }
}

class Query extends RequestHandler {
  get(): object {
    return {
      // Without a fallback, a missing argument is 400.
      user: this.getQueryArgument('user'),
      age: this.getQueryArgument('age', null),
      // All values of one name, such as those of checkboxes. Empty if there are none.
      userList: this.getQueryArguments('user_list'),
    };
  }
}

class Both extends RequestHandler {
  post(): object {
    return {
      // The form takes precedence over the query.
      user: this.getArgument('user'),
      userList: this.getArguments('user_list'),
      bodyOnly: this.getBodyArguments('user_list'),
      queryOnly: this.getQueryArguments('user_list'),
    };
  }
}

class Json extends RequestHandler {
  async post(): Promise<object> {
    // Tornado: json.loads(self.request.body.decode('utf-8'))
    return { received: await this.readJson() };
  }
}

class Old extends RequestHandler {
  get(): Promise<void> {
    return this.redirect('/');
  }
}

/** A form at `/`, GET `/query`, POST `/both` and `/json`, and `/old`, which redirects. An object that a verb returns is sent as JSON. */
export function createArguments(settings: Settings): Application {
  const routes = [
    ['/', Page],
    ['/query', Query],
    ['/both', Both],
    ['/json', Json],
    ['/old', Old],
  ] as const;
  return new Application(routes, settings);
}
