package locate

import "strings"

// A class says what part a word can play in naming a place. A word may play several.
type class uint32

const (
	streetType   class = 1 << iota // улица, проспект
	areaType                       // микрорайон, квартал: its name is a number or a proper name
	rayonType                      // район, округ: its name is an adjective before it
	townType                       // город, село
	houseWord                      // дом
	blockWord                      // корпус, строение: after a house number
	flatWord                       // квартира, подъезд, этаж: the number after it is no house
	crossWord                      // пересечение, перекрёсток
	cornerWord                     // угол
	pieceWord                      // участок, отрезок
	relWord                        // напротив, возле
	landmarkWord                   // школа, магазин
	soleWord                       // a landmark that a town has one of: вокзал, мэрия
	stopWord                       // остановка
	roadWord                       // трасса, автодорога
	kmWord                         // километр
	rankWord                       // генерал, академик: opens a person's name in a street's name
	tailWord                       // хана, батыра, лет, марта: goes on with a name in small letters
	unitWord                       // лет, рублей, этажей: the number before it is no house
	personWord                     // памятник, про, жалоба: what follows is a person
	vagueWord                      // наш, этот, каждый: points, but does not name
	nicheWord                      // центральный, бывший: tells one bath-house from another
	abbreviated                    // ул., г.: a full stop may follow inside the phrase
	brandWord                      // a shop known by its name alone
	placePrep                      // в, на, по, из …
	commonName                     // a street name found in every town, whatever else the word means
	causeWord                      // комсомола, армии: follows an adjective in a street's name
	numberName                     // a word that opens or closes «50 лет Октября», «8 Марта»
)

// An entry is what the vocabulary knows of one word.
type entry struct {
	class  class
	kind   string // canonical type or the landmark's kind
	gender byte   // 'f', 'm', 'n' of a type word
	rel    Relation
	rest   []string // of the first word of a phrase: what may follow it
}

// short is looked up by the word as written (Token.Norm), lexicon by its lemmas.
// Reading asks for every word, so both have a flat table beside them.
var (
	short, lexicon = vocabulary()
	asWritten      = newWordTable(short)
	byLemma        = newTermTable(lexicon)
)

func vocabulary() (short, lexicon map[string]*entry) {
	short, lexicon = make(map[string]*entry), make(map[string]*entry)
	add := func(m map[string]*entry, words string, e entry) {
		for _, w := range strings.Fields(words) {
			w = strings.ReplaceAll(w, "ё", "е")
			old := m[w]
			if old == nil {
				c := e
				m[w] = &c
				continue
			}
			old.class |= e.class
			if old.kind == "" {
				old.kind, old.gender = e.kind, e.gender
			}
			if old.rel == "" {
				old.rel = e.rel
			}
		}
	}

	for _, t := range []struct {
		kind   string
		gender byte
		abbrs  string
	}{
		{"улица", 'f', "ул у́л улиц улица ул-ца"},
		{"проспект", 'm', "пр-т пр-кт просп пр-к пр"},
		{"переулок", 'm', "пер пер-к пер-ок"},
		{"бульвар", 'm', "б-р бул бульв б-вар"},
		{"шоссе", 'n', "ш"},
		{"проезд", 'm', "пр-д пр-зд"},
		{"набережная", 'f', "наб"},
		{"площадь", 'f', "пл"},
		{"тупик", 'm', "туп"},
		{"аллея", 'f', ""},
		{"тракт", 'm', ""},
		{"линия", 'f', ""},
		{"спуск", 'm', ""},
		{"взвоз", 'm', ""},
	} {
		add(lexicon, t.kind, entry{class: streetType, kind: t.kind, gender: t.gender})
		add(short, t.abbrs, entry{class: streetType | abbreviated, kind: t.kind, gender: t.gender})
	}
	for _, t := range []struct {
		kind, abbrs string
		gender      byte
	}{
		{"город", "г гор", 'm'},
		{"село", "с", 'n'},
		{"деревня", "д дер", 'f'},
		{"посёлок", "п пос пгт рп р.п п.г.т", 'm'},
		{"станица", "ст-ца стан", 'f'},
		{"хутор", "х хут", 'm'},
		{"аул", "", 'm'},
		{"слобода", "сл", 'f'},
		{"станция", "ст", 'f'},
	} {
		add(lexicon, strings.ReplaceAll(t.kind, "ё", "е"), entry{class: townType, kind: t.kind, gender: t.gender})
		add(short, t.abbrs, entry{class: townType | abbreviated, kind: t.kind, gender: t.gender})
	}
	add(short, "аал аала аале улус улуса улусе", entry{class: townType, kind: "аал", gender: 'm'})
	add(lexicon, "пункт", entry{class: townType})
	add(short, "н.п нп", entry{class: townType | abbreviated})
	add(lexicon, "микрорайон", entry{class: areaType, kind: "микрорайон", gender: 'm'})
	add(short, "мкр мкрн мкр-н м-н микр мк-р мкрн-н мик-н мр-н", entry{class: areaType | abbreviated, kind: "микрорайон", gender: 'm'})
	add(lexicon, "квартал", entry{class: areaType, kind: "квартал", gender: 'm'})
	add(short, "кв-л", entry{class: areaType | abbreviated, kind: "квартал", gender: 'm'})
	add(lexicon, "жилмассив", entry{class: areaType, kind: "жилмассив", gender: 'm'})
	add(short, "ж/м", entry{class: areaType | abbreviated, kind: "жилмассив", gender: 'm'})
	add(short, "снт днт тсн сдт", entry{class: areaType | abbreviated, kind: Gardens, gender: 'm'})
	add(short, "товарищество товарищества товариществе товариществу", entry{class: areaType, kind: Gardens, gender: 'n'})
	add(short, "жк", entry{class: areaType | abbreviated, kind: "жилой комплекс", gender: 'm'})
	add(lexicon, "район", entry{class: rayonType, kind: "район", gender: 'm'})
	add(short, "р-н р-он р-не р-на р-он р-ну", entry{class: rayonType | abbreviated, kind: "район", gender: 'm'})
	add(lexicon, "округ", entry{class: rayonType, kind: "округ", gender: 'm'})
	add(lexicon, "сельсовет", entry{class: rayonType, kind: "сельсовет", gender: 'm'})
	add(short, "с/с", entry{class: rayonType | abbreviated, kind: "сельсовет", gender: 'm'})
	add(lexicon, "область край", entry{class: rayonType, kind: "регион"})
	add(short, "обл", entry{class: rayonType | abbreviated, kind: "регион"})
	add(lexicon, "республика", entry{class: rayonType, kind: "республика", gender: 'f'})
	add(short, "респ", entry{class: rayonType | abbreviated, kind: "республика", gender: 'f'})

	add(lexicon, "дом домовладение владение здание строение", entry{class: houseWord, kind: "дом"})
	add(short, "д вл", entry{class: houseWord | abbreviated, kind: "дом"})
	add(short, "дома доме домов домах домами домом дому", entry{class: houseWord, kind: "дом"})
	add(lexicon, "корпус строение литера", entry{class: blockWord})
	add(short, "к корп стр лит", entry{class: blockWord | abbreviated})
	add(lexicon, "квартира подъезд подьезд этаж офис кабинет комната стояк секция", entry{class: flatWord})
	add(short, "кв кв-ра кв-ре под подъезд подьезд п-д эт оф каб ком", entry{class: flatWord | abbreviated})

	add(lexicon, "пересечение перекресток перекрест перекрестие скрещение", entry{class: crossWord})
	add(lexicon, "угол", entry{class: cornerWord})
	add(short, "угл", entry{class: cornerWord | abbreviated})
	add(lexicon, "участок отрезок промежуток", entry{class: pieceWord})

	for rel, words := range map[Relation]string{
		Opposite: "напротив супротив",
		Behind:   "за позади сзади",
		Before:   "перед",
		Near:     "возле около у вблизи рядом недалеко неподалеку близ подле поблизости",
		Between:  "между меж",
		Along:    "вдоль",
		Above:    "выше над",
		Below:    "ниже",
		Inside:   "внутри",
		Through:  "через",
	} {
		add(short, words, entry{class: relWord | placePrep, rel: rel})
	}
	add(short, "в во на по из с со от до к ко под из-под", entry{class: placePrep})

	for _, n := range landmarkNouns {
		e := entry{class: landmarkWord, kind: n.kind}
		if n.sole {
			e.class |= soleWord
		}
		add(lexicon, n.words, e)
	}
	add(short, "тц трц тк дк гдк рдк црб ммц цкр азс мфц фок фап дс цум гум жд ж/д гкб тэц тэс загс мбдоу мбоу сош доу д/с дет.сад", entry{class: landmarkWord, kind: "landmark"})
	add(short, "мфц загс цум гум црб тэц", entry{class: soleWord})
	add(short, "сош мбоу", entry{class: landmarkWord, kind: "school"})
	add(lexicon, "остановка", entry{class: stopWord, kind: "stop"})
	add(short, "ост", entry{class: stopWord | abbreviated, kind: "stop"})
	add(lexicon, "трасса автодорога автотрасса автомагистраль", entry{class: roadWord, kind: "трасса"})
	add(short, "а/д", entry{class: roadWord | abbreviated, kind: "трасса"})
	add(lexicon, "дорога автомобильная", entry{class: roadWord, kind: "дорога"})
	add(lexicon, "километр", entry{class: kmWord})
	add(short, "км", entry{class: kmWord | abbreviated})

	add(lexicon, "генерал маршал академик адмирал капитан лейтенант сержант полковник майор рядовой герой летчик космонавт профессор доктор архитектор инженер художник писатель поэт композитор партизан комиссар комбриг комдив командарм хирург святой князь братья брат сестра семья матрос солдат милиционер староста имам шейх",
		entry{class: rankWord})
	add(short, "ген марш акад адм кап им имени", entry{class: rankWord | abbreviated})
	add(short, "хана хан батыра батыр батыры би бия ата апа жолы жол кызы улы паша бека бек батора-цыренова заде оглы",
		entry{class: tailWord})
	add(short, "комсомола октября труда флота армии коммуны партизан революции интернационала бригады дивизии гвардии знамени слободы слобода слободе слободу октябрь мая зорь зори звезда звезды", entry{class: causeWord})
	add(short, "лет летия летие", entry{class: numberName})
	add(short, "января февраля марта апреля мая июня июля августа сентября октября ноября декабря", entry{class: unitWord | numberName})
	add(short, "лет год года году годов г/к раз раза рубль рубля рублей руб р тыс тысяч тысячи млн человек человека чел метр метра метров м см мм кв.м градус градуса градусов процент процента процентов час часа часов часам ч мин минут минуты минуту день дня дней дн сутки суток неделя недели недель месяц месяца месяцев мес ночь ночи этаж этажа этажей этажный подъездов подъезда квартир квартиры машин машины машина штук штуки шт литр литра литров л кг тонн т деревьев дерева мешков ребенка детей человек семей жителей жильцов лампочек лампочки фонарей фонаря раз соток га гектар километр километров км вт квт жильцам столбов столба контейнера контейнеров автобус автобуса автобусов маршрут маршрута маршруток маршрутка балл балла баллов кубов куб соседей век века",
		entry{class: unitWord})

	add(short, "про памятник памятника памятнику памятником памятнике бюст портрет портрета мавзолей речь", entry{class: personWord})
	add(lexicon, "памятник бюст портрет мавзолей жалоба жаловаться пожаловаться гражданин гражданка господин товарищ депутат президент министр мэр губернатор глава директор врач доктор учитель водитель житель соседка сосед бабушка дедушка сын дочь муж жена", entry{class: personWord})
	add(lexicon, "наш ваш мой твой свой этот тот такой каждый любой другой один какой какой-то какой-нибудь некоторый весь данный следующий соседний ближайший иной сам самый мое многий целый остальной", entry{class: vagueWord})
	add(lexicon, "центральный старый новый городской районный областной краевой республиканский северный южный восточный западный бывший железнодорожный речной главный первый второй третий привокзальный советский ленинский школьный", entry{class: nicheWord})
	add(lexicon, "светофор командор лента глобус верный доброцен чижик эльдорадо мвидео днс спортмастер", entry{class: brandWord, kind: "shop"})
	add(lexicon, "пятерочка магнит дикси ашан перекресток-маркет светофор-маркет бристоль монетка покупочка красное&белое леруа окей о'кей гипермаг магнолия вкусвилл ozon озон wildberries вайлдберриз валберис сбербанк сбер",
		entry{class: brandWord, kind: "shop"})

	// These mean nothing but the shop, in small letters too.
	add(lexicon, "пятерочка дикси ашан вкусвилл wildberries вайлдберриз валберис сбербанк бристоль покупочка", entry{class: soleWord})

	// Names that Russian towns share, by how often their plates are met. They
	// let a street be read without capitals and without a gazetteer.
	add(lexicon, "ленин киров гагарин пушкин горький калинин маяковский чехов лермонтов гоголь чапаев фрунзе дзержинский свердлов куйбышев орджоникидзе матросов космодемьянский жуков суворов кутузов толстой тургенев некрасов островский мичурин чкалов королев циолковский ломоносов менделеев павлов тимирязев чайковский шевченко щорс буденный ворошилов котовский крупская крупский луначарский володарский урицкий ульянов энгельс маркс тельман победа мир труд свобода революция коммуна октябрь интернационал космонавт строитель энергетик металлург шахтер нефтяник железнодорожник механизатор геолог партизан пионер комсомолец колхозник рабочий машиностроитель гвардеец танкист летчик ветеран дружба юность просвещение баумана грибоедов крылов есенин блок белинский добролюбов чернышевский герцен радищев плеханов карбышев гастелло",
		entry{class: commonName})
	add(lexicon, "советский молодежный центральный школьный садовый лесной набережный новый октябрьский заречный зеленый комсомольский первомайский полевой луговой солнечный степной северный южный западный восточный пролетарский красноармейский партизанский пионерский колхозный совхозный рабочий трудовой московский ленинградский вокзальный железнодорожный почтовый больничный базарный кооперативный студенческий спортивный парковый лесопарковый строительный заводской фабричный промышленный шоссейный дорожный береговой речной озерный приозерный прибрежный нагорный подгорный овражный тенистый цветочный вишневый яблоневый березовый сосновый кедровый дубовый ольховый тополиный кленовый рябиновый сиреневый весенний осенний дальний широкий гражданский социалистический интернациональный красный большой малый верхний нижний",
		entry{class: commonName})
	return short, lexicon
}

// Gardens is the type of a settlement of summer cottages: СНТ, ДНТ.
const Gardens = "садовое товарищество"

// phrases are names of two words that streets bear all over the country, and that
// no grammar would join in small letters: «на розы люксембург». They never bend.
var phrases = newWordTable(func() map[string]*entry {
	m := map[string]*entry{}
	for _, p := range []string{
		"розы люксембург", "клары цеткин", "карла либкнехта", "карла маркса", "степана разина", "парижской коммуны", "дружбы народов",
		"героев труда", "героев сталинграда", "героев космоса", "героев революции", "героев панфиловцев", "красной армии", "советской армии",
		"красных партизан", "красных командиров", "красных зорь", "красного октября", "трудовой славы", "трудовых резервов", "боевой славы",
		"павших борцов", "павших коммунаров", "борцов революции", "бакинских комиссаров", "ленинского комсомола", "третьего интернационала",
		"юных ленинцев", "юных пионеров", "народной воли", "народного ополчения", "зои космодемьянской", "лизы чайкиной", "олега кошевого",
		"павлика морозова", "александра невского", "александра матросова", "дмитрия донского", "богдана хмельницкого", "тараса шевченко",
		"максима горького", "сергея лазо", "сергея есенина", "льва толстого", "юрия гагарина", "валентины терешковой", "марии ульяновой",
		"инессы арманд", "сакко и ванцетти", "емельяна пугачева", "николая островского", "мусы джалиля", "салавата юлаева", "софьи перовской",
	} {
		head, rest, _ := strings.Cut(p, " ")
		if m[head] == nil {
			m[head] = new(entry)
		}
		m[head].rest = append(m[head].rest, rest)
	}
	return m
}())

// landmarkNouns are what stands in a town and serves to find one's way by;
// sole are those that a town has one of, so that they need no name.
var landmarkNouns = []struct {
	kind, words string
	sole        bool
}{
	{"park", "парк сквер лесопарк дендропарк роща", false},
	{"school", "школа гимназия лицей интернат колледж техникум училище университет институт академия вуз лицей-интернат автошкола", false},
	{"kindergarten", "садик детсад ясли", false},
	{"shop", "магазин супермаркет гипермаркет универмаг универсам гастроном павильон киоск ларек ярмарка минимаркет", false},
	{"market", "рынок базар", true},
	{"health", "больница поликлиника аптека роддом госпиталь амбулатория диспансер стационар травмпункт медцентр профилакторий санаторий", false},
	{"culture", "театр кинотеатр музей библиотека клуб филармония цирк зоопарк памятник мемориал монумент стела обелиск фонтан", false},
	{"worship", "церковь храм собор мечеть монастырь часовня костел", false},
	{"sport", "стадион бассейн спорткомплекс каток ипподром спортзал", false},
	{"transport", "вокзал автовокзал аэропорт автостанция депо переезд", true},
	{"office", "администрация мэрия прокуратура суд полиция почтамт казначейство", true},
	{"office", "почта банк отделение общежитие гостиница отель", false},
	{"food", "кафе ресторан столовая бар кофейня пекарня пиццерия", false},
	{"service", "баня заправка автозаправка автомойка автосервис шиномонтаж парикмахерская котельная подстанция водокачка водоканал комбинат завод фабрика элеватор хлебозавод мясокомбинат ферма склад база", false},
	{"nature", "озеро река пруд ручей пляж гора овраг лес родник водохранилище карьер остров залив бухта канал", false},
	{"burial", "кладбище крематорий", true},
	{"bridge", "мост путепровод виадук тоннель эстакада дамба плотина", false},
	{"landmark", "кольцо развязка площадь башня маяк полигон гаражи центр комплекс сад", false},
}
