/**
 * The passwords of ten and more characters that stand at the top of published lists of leaked ones, and their Danish cousins.
 * Lower case. Bounded on purpose: NIST SP 800-63B, 5.1.1.2 warns that an excessively large list only frustrates people.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `1234567890 0123456789 0987654321 9876543210 12345678910 123456789a a123456789 123456789q q123456789 1234567891 123456789123 1234554321
  123123123123 123321123321 112233445566 111222333444 147258369 1472583690 1234567899 12345678900 147852369 1478523690 123456123456 1123581321
  password12 password123 password1234 password12345 password123456 password01 password11 password21 password99 password2020 password2021
  password2022 password2023 password2024 password2025 password2026 passw0rd123 p@ssw0rd123 p@ssw0rd1234 p@ssword123 pass1234567 passwordpassword
  mypassword mypassword1 newpassword newpassword1 newpassword123 thepassword yourpassword changeme123 changemenow letmein123 letmein1234 letmeinnow
  welcome123 welcome1234 welcome2020 welcome2023 welcome2024 welcome2025 welcome2026 administrator administrator1 admin12345 admin123456 adminadmin
  admin1234567 rootroot123 test123456 test1234567 testtesttest tester12345 user123456 guest12345 default123 secret12345 topsecret1 supersecret
  qwertyuiop qwertyuiop1 qwertyuiop123 qwerty12345 qwerty123456 qwerty1234567 qwerty1234 qwertyqwerty qwertyasdf qwertzuiop qwertyuiopasdfghjkl
  qweasdzxc123 qweasdzxc1 qweqweqwe1 asdfghjkl1 asdfghjkl123 asdfghjkl; asdfasdfasdf asdasdasd1 asdf123456 zxcvbnm123 zxcvbnm1234 zxcvbnm12345
  1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc q1w2e3r4t5 q1w2e3r4t5y6 zaq12wsxcde3
  zaq1xsw2cde3 1qaz@wsx3edc qazwsxedc1 qazwsxedc123 qazwsxedcrfv 123qweasdzxc 123qwe123qwe qwe123qwe123 abc1234567 abc123456789 abcd123456 abcde12345
  abcdef1234 abcdefghij abcdefghijk abcdefghijkl abcd1234567 a1b2c3d4e5 a1b2c3d4e5f6 aa12345678 aa123456789 ab12345678 asd1234567 zxc1234567
  iloveyou12 iloveyou123 iloveyou1234 iloveyou2 iloveyou22 iloveyouforever iloveyousomuch ilovemyself ilovejesus ilovemymom loveyou123 lovelove123
  princess12 princess123 sunshine12 sunshine123 football12 football123 baseball12 baseball123 basketball basketball1 superman123 batman12345
  spiderman1 spiderman123 pokemon1234 minecraft1 minecraft123 starwars123 michael123 michelle123 jennifer123 jonathan123 charlie123 monkey12345
  dragon12345 shadow12345 master12345 killer12345 hello12345 hello123456 hellohello liverpool1 liverpool123 manchester manchester1 barcelona1
  barcelona123 realmadrid chocolate1 chocolate123 butterfly1 butterfly123 strawberry strawberry1 cheesecake computer123 internet123 samsung123
  everything whatever123 trustno1234 november11 december12 godisgood1 jesuschrist blessed123 freedom123 forever123 christmas1
  adgangskode adgangskode1 adgangskode12 adgangskode123 kodeord123 kodeord1234 mitkodeord danmark123 danmark1234 danmark2024 danmark2025 danmark2026
  velkommen1 velkommen12 velkommen123 hejmeddig1 hejmeddig123 hejhejhej1 hejhejhejhej fodbold123 fodbold1234 sommer2023 sommer2024 sommer2025 sommer2026
  vinter2023 vinter2024 vinter2025 vinter2026 kobenhavn1 kobenhavn123 københavn1 københavn123 sommerfugl sommerfugl1 jordbærgrød rødgrødmedfløde
  fckobenhavn brondbyif1 jegelskerdig jegelskerdig1 elskerdig123 skattemus1 skattemus123 kærlighed1 prinsesse1 prinsesse123 chokolade1 chokolade123`
    .split(/\s+/)
    .filter((password) => password.length >= 10),
);
