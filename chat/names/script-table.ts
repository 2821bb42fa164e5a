/**
 * Which scripts use each character: the property Script_Extensions of Unicode 17.0, from the JavaScript engine of
 * Node.js 26.10.0. Written by build-script-table.ts; do not edit.
 */

/** Sets of scripts, as ISO 15924 codes, separated by commas. The first is empty: all scripts. */
export const scriptSets: string =
  ',Latn,Avst Cari Copt Dupl Elba Geor Glag Gong Goth Grek Hani Latn Lydi Mahj Perm Shaw,Beng Cyrl Deva Latn Lisu Thai Toto' +
  ',Bopo Latn,Latn Lisu,Latn Thai,Bopo,Cher Copt Cyrl Grek Latn Perm Sunu Tale,Cher Cyrl Grek Latn Osge Sunu Tale Todr,Cher' +
  ' Cyrl Latn Tfng,Glag Latn Sunu Syrc Thai,Aghb Cher Copt Cyrl Goth Grek Latn Osge Syrc Tfng Todr,Copt Elba Glag Goth Kana' +
  ' Latn,Cyrl Grek Latn Perm Tfng,Copt Dupl Hebr Latn Perm Syrc Tale Tfng Todr,Armn Cyrl Dupl Goth Grek Hebr Latn Perm Syrc' +
  ' Tale Tfng,Latn Tfng,Dupl Latn Syrc,Cher Cyrl Latn Osge,Cher Latn Tale,Latn Sunu,Ethi Latn,Cyrl Latn Todr,Grek Latn Perm' +
  ' Todr,Cher Dupl Kana Latn Syrc Tfng,Cher Dupl Latn Syrc,Latn Syrc,Latn Sunu Syrc,Cher Latn Syrc,Aghb Cher Goth Latn Sunu' +
  ' Syrc Thai,Grek,Latn Osge,Aghb Latn Todr,Copt Grek,Copt,Cyrl,Cyrl Perm,Cyrl Glag,Cyrl Latn,Armn,Armn Geor Glag,Hebr,Arab' +
  ',Arab Gara Nkoo Rohg Syrc Thaa Yezi,Arab Syrc Thaa,Adlm Arab Gara Nkoo Rohg Syrc Thaa Yezi,Adlm Arab Mand Mani Ougr Phlp' +
  ' Rohg Sogd Syrc,Arab Syrc,Arab Thaa Yezi,Arab Rohg,Syrc,Thaa,Nkoo,Samr,Mand,Deva,Beng Deva Gran Gujr Guru Knda Latn Mlym' +
  ' Nand Newa Orya Shrd Taml Telu Tirh,Beng Deva Gran Gujr Guru Knda Latn Mlym Newa Orya Taml Telu Tirh,Beng Deva Dogr Gong' +
  ' Gonm Gran Gujr Guru Knda Mahj Mlym Nand Onao Orya Sind Sinh Sylo Takr Taml Telu Tirh,Beng Deva Dogr Gong Gonm Gran Gujr' +
  ' Gukh Guru Knda Limb Mahj Mlym Nand Onao Orya Sind Sinh Sylo Takr Taml Telu Tirh,Deva Dogr Kthi Mahj,Beng,Beng Cakm Sylo' +
  ',Guru,Guru Mult,Gujr,Gujr Khoj,Orya,Taml,Gran Taml,Telu,Knda,Knda Nand Tutg,Mlym,Sinh,Thai,Laoo,Tibt,Mymr,Cakm Mymr Tale' +
  ',Geor,Geor Glag Latn,Hang,Ethi,Cher,Cans,Ogam,Runr,Tglg,Hano,Buhd Hano Tagb Tglg,Buhd,Tagb,Khmr,Mong,Mong Phag,Limb,Tale' +
  ',Talu,Bugi,Lana,Bali,Sund,Batk,Lepc,Olck,Beng Deva Gran Knda,Deva Gran Knda,Beng Deva Newa Telu Tirh,Beng Deva Telu,Deva' +
  ' Newa Shrd,Beng Deva Newa Telu,Deva Shrd,Deva Knda Mlym Orya Taml Telu,Beng Deva,Deva Newa Tirh,Deva Nand Newa,Beng Deva' +
  ' Shrd,Deva Newa,Beng Deva Newa Shrd,Beng Deva Gran Knda Mlym Nand Orya Sinh Telu Tirh Tutg,Deva Gran,Deva Gran Knda Tutg' +
  ',Nand,Cyrl Latn Syrc,Latn Mong Phag,Adlm Arab,Cari Geor Glag Hung Lyci Orkh,Cari Grek Hung Mero,Deva Gran Latn,Brai,Glag' +
  ',Tfng,Copt Latn,Avst Orkh,Avst Cari Geor Hung Kthi Lydi Samr,Dupl,Adlm Arab Hung,Hani,Hani Tang,Bopo Hang Hani Hira Kana' +
  ' Mong Yiii,Bopo Hang Hani Hira Kana Mong Phag Yiii,Bopo Hang Hani Hira Kana,Bopo Hang Hani Hira Kana Mong Tibt Yiii,Bopo' +
  ' Hang Hani Hira Kana Lisu Mong Tibt Yiii,Bopo Hang Hani Hira Kana Yiii,Bopo Hani,Hira Kana,Hani Hira Kana,Hira,Kana,Yiii' +
  ',Lisu,Vaii,Bamu,Hani Latn,Sylo,Deva Dogr Gujr Guru Khoj Knda Kthi Mahj Mlym Modi Nand Shrd Sind Takr Tirh Tutg,Deva Dogr' +
  ' Gujr Guru Khoj Knda Kthi Mahj Modi Nand Shrd Sind Takr Tirh Tutg,Deva Dogr Gujr Guru Khoj Kthi Mahj Modi Sind Takr Tirh' +
  ',Deva Dogr Gujr Guru Khoj Kthi Mahj Modi Shrd Sind Takr Tirh,Phag,Saur,Beng Deva Tutg,Deva Taml,Kali,Kali Latn Mymr,Rjng' +
  ',Java,Bugi Java,Cham,Tavt,Mtei,Arab Nkoo,Arab Thaa,Linb,Cpmn Cprt Linb,Cprt Linb,Cprt Lina Linb,Lyci,Cari,Arab Copt,Ital' +
  ',Goth,Perm,Ugar,Xpeo,Dsrt,Shaw,Osma,Osge,Elba,Aghb,Vith,Todr,Lina,Cprt,Armi,Palm,Nbat,Hatr,Phnx,Lydi,Sidt,Mero,Merc,Khar' +
  ',Sarb,Narb,Mani,Mani Ougr,Avst,Prti,Phli,Phlp,Orkh,Hung,Rohg,Gara,Yezi,Sogo,Sogd,Ougr,Chrs,Elym,Brah,Kthi,Sora,Cakm,Mahj' +
  ',Shrd,Khoj,Mult,Sind,Gran,Tutg,Newa,Tirh,Sidd,Modi,Takr,Ahom,Dogr,Wara,Diak,Zanb,Soyo,Pauc,Sunu,Bhks,Marc,Gonm,Gong,Tols' +
  ',Maka,Kawi,Xsux,Cpmn,Egyp,Hluw,Gukh,Mroo,Tnsa,Bass,Hmng,Krai,Medf,Berf,Plrd,Tang,Nshu,Kits,Sgnw,Hmnp,Toto,Wcho,Nagm,Onao' +
  ',Tayo,Mend,Adlm';

/** For each range of code points: its distance from the range before, and the index of its set, both in base 36. */
export const scriptRanges: string =
  '0 0,1t 1,q 0,6 1,q 0,1b 1,1 0,c 2,1 0,2 1,1 0,5 1,n 0,1 1,v 0,1 1,ch 0,3 3,1 0,a 4,1 0,1 4,3 0,1 5,1 0,9 6,1 0,1 4,1 0,6' +
  ' 1,5 0,5 7,2 0,k 8,1 9,1 a,1 b,1 c,1 d,1 e,1 f,1 g,1 h,1 i,1 j,1 k,1 l,1 m,1 0,1 l,1 n,1 0,1 o,1 0,f p,1 q,1 r,1 0,7 s,1' +
  ' r,1 0,1 t,1 u,1 0,g v,1 0,2 v,1 0,i w,1 0,5 x,1 0,4 1,d v,4 y,2 v,8 0,1 v,6 0,1 v,1 0,1 v,2i z,e v,g 10,3n 11,1 12,1 13' +
  ',2 12,1 10,4p 14,2g 15,1 14,7 16,33 17,5 0,1 17,6 18,1 17,e 18,1 19,1 17,2 1a,1 17,w 1b,1 17,a 1c,b 17,a 1d,a 17,6 1c,1 ' +
  '17,2r 1e,1 17,8 0,1 17,y 1f,28 17,1c 1g,1s 1h,1s 1i,1s 1j,w 1f,g 17,36 0,1 17,t 1k,29 1l,1 1m,1 0,2 1k,f 1n,1 1o,1 1p,a ' +
  '1k,g 1q,2u 1r,a 1q,h 1s,2t 1t,a 1s,h 1u,2t 1v,a 1u,h 1w,3l 1x,2s 1y,e 1x,c 1z,3k 20,2u 21,b 20,f 22,3l 23,3k 24,1q 0,1 2' +
  '4,1t 25,3j 26,5x 0,4 26,13 27,1s 28,a 27,2e 29,2j 2a,1 29,4 2b,74 2c,bk 2d,2o 2e,hs 2f,w 2g,2o 2h,w 2i,l 2j,b 2k,w 2l,w ' +
  '2m,3k 2n,2 2o,2 2n,1 2o,1 2n,4q 2e,28 2p,28 2q,1c 2r,2o 2m,w 2s,w 2t,40 0,28 2u,3k 2v,1s 2w,1s 2x,28 2y,1c 10,g 29,1c 2v' +
  ',g 2z,1 1k,1 2z,1 30,1 1k,1 31,1 32,1 33,1 34,1 35,1 36,1 1k,1 35,2 1k,2 35,1 37,1 38,1 1k,6 39,1 3a,1 3b,1 1k,1 3c,1 1k' +
  ',4 3d,1 3e,1 3f,1 37,2 1q,1 3e,2 3g,6 1,12 v,5 10,1 1,1d v,5 1,4 v,5 1,d 10,1 1,1y v,3 0,1i 3h,1 0,1 1f,1 0,5 1,74 v,74 ' +
  '0,1b 3i,1 0,v 3j,1 0,a 3k,1 0,2 3l,1 0,j 1,3 0,b 1,1 0,g 1,g 0,28 3m,g 0,12 v,1 0,3 1,2 0,6 1,1 0,r 1,1 0,h 1,15 0,19z 3' +
  'n,74 0,lc 3o,2o 1,w z,3k 29,1c 3p,28 2c,2o 10,w 0,n 3q,1 0,o 3r,1 3s,1 0,a 3t,1 0,4 3u,1 0,1 12,1 0,1o 3v,a8 3w,g 0,1 3x' +
  ',1 3y,1 3z,1 0,1 3v,3 40,2 41,2 42,6 0,1 3z,1 42,8 3z,4 0,1 3v,9 43,4 2b,2 3z,1 44,5 0,1 3z,1 3v,4 45,2 3v,3 46,2g 44,4 ' +
  '46,3 44,1 47,2i 42,1 44,1 47,8 7,18 2b,2n 3v,g 7,w 3v,1b 3w,1 47,g 2b,w 3v,14 0,o 2b,v 0,1 3v,1d 0,f 3v,c 0,4 47,1b 3v,1' +
  ' 47,2g 3v,p 0,a 3v,5 0,2o 3v,v 0,1 3v,534 0,1s 3v,g74 48,y8 49,1c 4a,8w 10,1b 12,1 10,1c 4b,2o 4c,8 0,q 1,2u 0,3 1,39 4d' +
  ',1c 4e,3 4f,3 4g,2 4h,1 4g,7 4i,1s 4j,2o 1k,h 4k,1 1k,1 4l,1 1k,c 4m,1a 4n,1 4m,1 4o,1c 2b,w 4p,27 4q,1 4p,g 27,w 4r,2o ' +
  '27,w 4s,2o 4t,x 2c,1b 1,17 0,1 1,9 v,1 1,4 0,6 2d,28 4t,1s 2b,f7k 3v,e8 1,j 14,a 16,1f 17,dq 4u,2 17,4y 4v,1 17,a 4v,1 1' +
  '7,2 0,1a 10,2 0,l 3z,2 0,15 17,3z 0,y 1,q 0,6 1,q 0,6 42,5 47,a 44,1 47,19 44,2 2b,1s 0,w 4w,74 4x,2 4y,5 4z,1c 4y,9 v,2' +
  '8 0,g v,1c 0,4w 50,w 51,1s 52,w 53,1c 54,w 55,1c 56,w 57,2o 58,28 59,1c 5a,1c 5b,28 5c,1c 5d,1s 5e,28 5f,1s 5g,ao 1,3k 5' +
  'h,1s 5i,w 5j,w 5k,2o 5l,w 5m,w 5n,w 5o,1s 5p,w 5q,2o 5r,2o 5s,w 5t,1s 5u,1e 5v,1 5u,d 5w,1s 5x,w 5y,w 5z,3k 60,3k 61,3k ' +
  '62,1s 63,80 17,w 64,1u 17,1q 65,1c 66,1s 67,1s 68,1c 69,w 6a,3k 6b,28 6c,1c 6d,28 6e,1c 6f,2p 23,v 6g,3k 6h,1c 6i,28 6j,' +
  '1 1y,1 6j,1 1y,2 6j,1i 1y,2 6j,1v 6k,3k 6l,3k 6m,74 6n,3k 6o,2o 2n,w 6p,28 27,1c 6q,74 6r,4g 6s,2o 6t,4g 3g,2o 6u,28 6v,' +
  '2o 2e,g 6w,1s 1k,2o 6f,2o 6x,1s 6y,34 6z,40 70,2o 71,28 72,8g 73,w 74,4w 49,g 1x,g 1y,2 1x,1 1y,1 1x,18 75,32o 76,34 77,' +
  '3y8 78,5q8 79,1ds 4b,g0 7a,1c 7b,2o 7c,1c 7d,g0 7e,74 7f,2o 7g,2o 7h,68 7i,1 7j,1 3v,2 7k,c 3v,g 7i,5c0 7k,e8 7i,6wg 47,' +
  'h 46,7z 47,i 46,z 47,r 7j,234 3t,35s 0,16o v,5c 0,4g 3v,i 0,we 7l,1ds 1,74 3o,1c 10,5s 7m,b4 7n,1c 7o,eo 7p,74 7q,6o 7r,' +
  '80 2c,w 7s,74 7t,oh 0,b3 17,e8 0,e8 46,1 0,27 3v,g 0,2ow 3v,gutd 0';
