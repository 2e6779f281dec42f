/** The passwords tried first in every attack, in lower case: the head of the lists that leaks have made public. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `123456 password 12345678 qwerty 123456789 12345 1234 111111 1234567 dragon 123123 baseball abc123 football monkey
  letmein 696969 shadow master 666666 qwertyuiop 123321 mustang 1234567890 michael 654321 superman 1qaz2wsx 7777777
  121212 000000 qazwsx 123qwe killer trustno1 jordan jennifer zxcvbnm asdfgh hunter buster soccer harley batman andrew
  tigger sunshine iloveyou 2000 charlie robert thomas hockey ranger daniel starwars klaster 112233 george computer
  michelle jessica pepper 1111 zxcvbn 555555 11111111 131313 freedom 777777 pass maggie 159753 aaaaaa ginger princess
  joshua cheese amanda summer love ashley nicole chelsea biteme matthew access yankees 987654321 dallas austin thunder
  taylor matrix mobilemail mom monitor monitoring montana moon moscow welcome admin administrator root toor guest
  qwerty123 password1 password123 passw0rd p@ssw0rd p@ssword letmein1 welcome1 welcome123 admin123 admin1 1q2w3e4r
  1q2w3e 1q2w3e4r5t q1w2e3r4 q1w2e3r4t5 zaq12wsx asdfghjkl asdf1234 asdfasdf abcd1234 abcdef abc12345 a1b2c3d4
  aa123456 1234qwer qwer1234 qwe123 123abc 12341234 11112222 88888888 00000000 99999999 12344321 55555555 66666666
  87654321 123654 147258369 147258 789456123 789456 159357 963852741 321321 456456 102030 101010 232323 222222 333333
  444444 888888 999999 5555 6666 7777 8888 9999 secret secret1 changeme default test test123 testing test1234 tester
  login samsung google facebook internet whatever hello hello123 hellokitty lovely iloveyou1 loveme babygirl bailey
  flower ferrari diamond silver golden orange purple banana cookie chocolate butterfly jasmine angel angels heaven
  jesus christ blessed family friends forever america canada london paris france germany brazil mexico russia china
  liverpool arsenal barcelona realmadrid manchester juventus chelsea1 lakers eagles cowboys steelers packers patriots
  tennis golf gaming pokemon naruto minecraft starwars1 superman1 batman1 spiderman snoopy mickey donald pikachu
  qwert qwerty1 qwerty12 qwertyui azerty azertyuiop qazwsxedc zxcvbnm1 asdfghjk asdfg asdf zxcv zxczxc poiuytrewq
  lkjhgfdsa mnbvcxz 1qazxsw2 1qaz2wsx3edc qaz123 wsx123 xxxxxx xxxxxxxx xxx123 zzzzzz ssssss dddddd ffffff gggggg
  monkey1 monkey123 dragon1 dragon123 master1 master123 shadow1 shadow123 sunshine1 princess1 football1 baseball1
  charlie1 michael1 jordan23 jordan1 ashley1 nicole1 jessica1 daniel1 andrew1 joshua1 matthew1 anthony michelle1
  summer1 winter spring autumn january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday computer1 internet1 letmein123 nothing something anything
  everything password12 password2 password! password1! passwort motdepasse contraseña senha123 parola wachtwoord
  lösenord salasana haslo hasło jelszo heslo trustno11 ncc1701 thx1138 rush2112 8675309 bond007 rockyou a123456
  a12345678 a123456789 123456a 12345a 123456q 1a2b3c 1a2b3c4d x123456 z123456 s123456 w123456 qq123456 asd123 zxc123
  qwe123qwe 123qweasd 1qaz@wsx !qaz2wsx @dmin adm1n r00t l3tmein w3lcome pa55word pa55w0rd passpass pass1234 pass123
  pass12345 mypass mypassword userpass username user user123 demo demo123 sample temp temp123 temporary newpass
  newpassword oldpassword nopassword nopass blahblah blink182 metallica nirvana slipknot greenday eminem marley
  a 1234567a 12345678a 123456789a a1234567 1234567q
  corvette porsche mercedes toyota honda yamaha suzuki kawasaki harley1 ducati boston chicago houston denver phoenix
  maverick scooter bandit rocket turbo phantom falcon tiger tigers lions bears wolf wolves panther dolphin dolphins`
    .split(/\s+/)
    .filter(Boolean),
)
