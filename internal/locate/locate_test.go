package locate_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/locate"
	"otklik/internal/place"
	"otklik/internal/russian"
)

// towns is a gazetteer of a few places, keyed as the real one is.
type towns struct {
	byKey map[place.Key][]*place.Place
	byID  map[string]*place.Place
}

func (t *towns) Keyed(key place.Key) []*place.Place { return t.byKey[key] }
func (t *towns) ByID(id string) (*place.Place, bool) {
	p, ok := t.byID[id]
	return p, ok
}

func (t *towns) add(p place.Place, keys string) {
	if t.byKey == nil {
		t.byKey, t.byID = map[place.Key][]*place.Place{}, map[string]*place.Place{}
	}
	t.byID[p.ID] = &p
	for k := range strings.SplitSeq(keys, "|") {
		t.byKey[place.KeyOf(k)] = append(t.byKey[place.KeyOf(k)], &p)
	}
}

func analyzer(t testing.TB) *russian.Analyzer {
	t.Helper()
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// gazetteer holds the towns of the sentences below; the keys of towns that the
// dictionary lacks are made of what the analyzer guesses for their cases.
func gazetteer(t testing.TB) *towns {
	a := analyzer(t)
	lemmas := func(forms ...string) string {
		var keys []string
		for _, f := range forms {
			for _, g := range a.Word(f) {
				if !slices.Contains(keys, g.Lemma) {
					keys = append(keys, g.Lemma)
				}
			}
		}
		return strings.Join(keys, "|")
	}
	g := new(towns)
	town := func(id, name, typ string, people int, keys string) {
		g.add(place.Place{ID: id, Level: place.Settlement, Name: name, Type: typ, Region: id[:2] + "000000",
			Municipality: id[:5] + "000", Settlement: id, Population: people, Lat: 50, Lon: 60}, keys)
	}
	town("95701000001", "Абакан", "город", 180000, lemmas("Абакан", "Абакане")+"|абаканский")
	town("95702000001", "Абаза", "город", 15000, lemmas("Абаза", "Абазе"))
	town("95715000001", "Черногорск", "город", 75000, lemmas("Черногорск"))
	town("57727000001", "Лысьва", "город", 60000, lemmas("Лысьва", "Лысьве", "Лысьвы", "Лысьву")+"|лысьвенский")
	town("98731000001", "Мирный", "город", 35000, "мирный")
	town("95605000101", "Мирный", "посёлок", 800, "мирный")
	town("60625000101", "Дружба", "хутор", 90, "дружба")
	town("36701000001", "Победа", "посёлок", 300, "победа")
	town("05605000105", "Берёзовка", "село", 400, "березовка")
	town("95610000105", "Берёзовка", "село", 300, "березовка")
	town("04614000105", "Берёзовка", "посёлок", 20000, "березовка")
	street := func(id, name, typ, settlement, keys string) {
		g.add(place.Place{ID: id, Level: place.Street, Name: name, Type: typ, Region: settlement[:2] + "000000",
			Municipality: settlement[:5] + "000", Settlement: settlement, Lat: 51, Lon: 61}, keys)
	}
	street("street:4", "2-й Мира", "переулок", "95701000001", "2-й мир|2-й миро")
	g.add(place.Place{ID: "house:1:16", Level: place.House, Name: "16", Lat: 52, Lon: 62}, "")
	street("street:1", "Ленина", "улица", "95702000001", "ленин")
	street("street:2", "Ленина", "улица", "95701000001", "ленин")
	street("street:3", "Чертыгашева", "улица", "95701000001", lemmas("Чертыгашева"))
	return g
}

// brief writes a found place in one line, for comparison.
func brief(f locate.Found) string {
	s := string(f.Type) + " " + f.Name
	if f.House != "" && f.Type == locate.House {
		s = "house " + f.Street + ", " + f.House
	}
	if f.Settlement != "" && f.Type != locate.Settlement {
		s += " @" + f.Settlement
	}
	if f.Relation != "" {
		s += " (" + string(f.Relation) + ")"
	}
	return s
}

func briefs(found []locate.Found) []string {
	out := []string{}
	for _, f := range found {
		out = append(out, brief(f))
	}
	return out
}

// The sentences of the domain that the product must get right.
func TestSentencesOfTheDomain(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(gazetteer(t))
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Да у нас все дороги в ужасном состоянии, когда это кончится!", []string{}},
		{"По улице Ленина в Абазе в районе центральной бани появилась яма", []string{
			"street Ленина @Абаза", "settlement Абаза", "landmark центральная баня @Абаза (near)"}},
		{"на пересечении улиц Энергетиков и Генерала Тихонова", []string{
			"intersection Энергетиков и Генерала Тихонова", "street Энергетиков", "street Генерала Тихонова"}},
		{"Уже год течет задвижка в тепловом колодце напротив дома по Чертыгашева 33 в г. Абакане", []string{
			"street Чертыгашева @Абакан (opposite)", "house Чертыгашева, 33 @Абакан (opposite)", "settlement Абакан"}},
		{"На коммуникационном колодце по улице Октябрьская, 16 отсутствовал люк", []string{
			"street Октябрьская", "house Октябрьская, 16"}},
		{"Новую установят до 25 сентября", []string{}},
		{"прошу губернатора отменить занятия", []string{}},
		{"Уберите стихийную свалку в нашем дворе!", []string{}},
		{"абакан чертыгашева 33", []string{"settlement Абакан", "street Чертыгашева @Абакан", "house Чертыгашева, 33 @Абакан"}},
		{"абакан, чертыгашева 33, нет воды", []string{"settlement Абакан", "street Чертыгашева @Абакан", "house Чертыгашева, 33 @Абакан"}},
		{"абакан новая 5 школа холодная", []string{"settlement Абакан"}},
		{"абакан снега 20 см", []string{"settlement Абакан"}},
		{"Абаза, ул. Ленина, 4", []string{"settlement Абаза", "street Ленина @Абаза", "house Ленина, 4 @Абаза"}},
		{"Нет света, Абаза, ул. Садовая 7", []string{"settlement Абаза", "street Садовая @Абаза", "house Садовая, 7 @Абаза"}},
		{"Победа, ул. Ленина 4", []string{"settlement Победа", "street Ленина @Победа", "house Ленина, 4 @Победа"}},
		{"Победа Ленина 4", []string{"street Ленина", "house Ленина, 4"}},
		{"ТСЖ Победа, ул. Ленина 4", []string{"street Ленина", "house Ленина, 4"}},
		{"в Лысьве", []string{"settlement Лысьва"}},
		{"лысьвенский", []string{"settlement Лысьва"}},
		{"г.Лысьва", []string{"settlement Лысьва"}},
		{"на Мира", []string{"street Мира"}},
		{"ул. Мира", []string{"street Мира"}},
		{"по Мира 12", []string{"street Мира", "house Мира, 12"}},
		{"памятник Ленину", []string{}},
		{"про Ленина писали", []string{}},
	} {
		got := briefs(l.Find(a.Read(c.text), locate.Context{}))
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("Find(%q) (-want +got):\n%s", c.text, d)
		}
	}
}

// A street of the centre's own territory needs less to speak for it.
func TestStreetsOfTheTerritory(t *testing.T) {
	t.Parallel()
	a, g := analyzer(t), gazetteer(t)
	for name, key := range map[string]string{"Полярная": "полярный", "Космонавтов": "космонавт"} {
		g.add(place.Place{ID: "street:" + key, Level: place.Street, Name: name, Type: "улица", Region: "95000000", Municipality: "95701000", Settlement: "95701000001"}, key)
	}
	l := locate.New(g)
	for _, c := range []struct {
		text, region string
		want         []string
	}{
		{"полярная 5 нет света", "95000000", []string{"street Полярная @Абакан", "house Полярная, 5 @Абакан"}},
		{"нет света, полярная 5", "95000000", []string{"street Полярная @Абакан", "house Полярная, 5 @Абакан"}},
		{"полярная 5 нет света", "98000000", []string{}},
		{"полярная 5 школа холодная", "95000000", []string{}},
		{"полярная 5 часов в день", "95000000", []string{}},
		{"полярная 3 трубы лопнули", "95000000", []string{}},
		{"холодная полярная 5 ночь", "95000000", []string{}},
		{"Космонавтов, 5 нет света", "95000000", []string{"street Космонавтов @Абакан", "house Космонавтов, 5 @Абакан"}},
		{"Космонавтов, 5 человек", "95000000", []string{}},
	} {
		got := briefs(l.Find(a.Read(c.text), locate.Context{Region: c.region}))
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("Find(%q) in %s (-want +got):\n%s", c.text, c.region, d)
		}
	}
}

// The grammar finds places without any gazetteer.
func TestGrammarAlone(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(nil)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"ул,Шолмова нет воды", []string{"street Шолмова"}},
		{"пр-т Победы, д. 33/2 корп. 1 кв. 12", []string{"street Победы", "house Победы, 33/2к1"}},
		{"переулок Садовый 5", []string{"street Садовый", "house Садовый, 5"}},
		{"На Октябрьском проспекте яма", []string{"street Октябрьский"}},
		{"Сугробы на Лесопарковой", []string{"street Лесопарковая"}},
		{"Ленина 86 нет света", []string{"street Ленина", "house Ленина, 86"}},
		{"Абылай хана, 23 темно", []string{"street Абылай хана", "house Абылай хана, 23"}},
		{"Мира 12 к 3", []string{"street Мира", "house Мира, 12к3"}},
		{"Возле дома 16а по улице Гоголя", []string{"house Гоголя, 16а (near)", "street Гоголя"}},
		{"Ульяновск г, Марата ул, д. 19", []string{"settlement Ульяновск", "street Марата @Ульяновск", "house Марата, 19 @Ульяновск"}},
		{"Мира, д. 12-45", []string{"street Мира", "house Мира, 12"}},
		{"улица Набережная, 5", []string{"street Набережная", "house Набережная, 5"}},
		{"Набережная, 5 темно", []string{"street Набережная", "house Набережная, 5"}},
		{"на набережной темно", []string{}},
		{"Кошурникова 15 и 17 без тепла", []string{"street Кошурникова", "house Кошурникова, 15, 17"}},
		{"Мира 5, 7 и 9 не убирают", []string{"street Мира", "house Мира, 5, 7, 9"}},
		{"Мира 5 и 3 дерева упали", []string{"street Мира", "house Мира, 5"}},
		{"Мира 5 и 8 подъезд", []string{"street Мира", "house Мира, 5"}},
		{"Мира 5 и 112 не отвечает", []string{"street Мира", "house Мира, 5"}},
		{"на перекрёсте Мира и Кирова", []string{"intersection Мира и Кирова", "street Мира", "street Кирова"}},
		{"дома 12-18 по Мира", []string{"house Мира, 12–18", "street Мира"}},
		{"по удице Чехова темно", []string{"street Чехова"}},
		{"на уилце Садовой, 3", []string{"street Садовая", "house Садовая, 3"}},
		{"на 50 лет Октября яма", []string{"street 50 лет Октября"}},
		{"50 лет октября 102", []string{"street 50 лет октября", "house 50 лет октября, 102"}},
		{"живу на 1-й Заводской, 3", []string{"street 1-я Заводская", "house 1-я Заводская, 3"}},
		{"был на 5 этаже 3 раза", []string{}},
		{"дети от 3 до 7 лет, работаем с 9 до 18", []string{}},
		{"на улице Красный Октябрь", []string{"street Красный Октябрь"}},
		{"проспект Ленинского комсомола, 7", []string{"street Ленинского Комсомола", "house Ленинского Комсомола, 7"}},
		{"напротив 31 дома по ул. Лесная", []string{"house Лесная, 31 (opposite)", "street Лесная"}},
		{"дома №4, №10 по Мира", []string{"house Мира, 4, 10", "street Мира"}},
		{"город дорог и мостов", []string{}},
		{"2-й переулок Мира, 5", []string{"street 2-й Мира", "house 2-й Мира, 5"}},
		{"на 1-м Садовом переулке", []string{"street 1-й Садовый"}},
		{"на улице 3-й Заводской", []string{"street 3-я Заводская"}},
		{"улица Черняховского 20", []string{"street Черняховского", "house Черняховского, 20"}},
		{"НА УЛИЦЕ ЛЕНИНА НЕТ СВЕТА", []string{"street Ленина"}},
		{"площадь возгорания 80 метров", []string{}},
		{"на углу Мира, дом 3", []string{"street Мира", "house Мира, 3"}},
		{"угол Мира и Ленина", []string{"intersection Мира и Ленина", "street Мира", "street Ленина"}},
		{"На перекрёстке Абая и Сатпаева лужа", []string{"intersection Абая и Сатпаева", "street Абая", "street Сатпаева"}},
		{"участок от Абая до Сатпаева", []string{"stretch от Абая до Сатпаева"}},
		{"между домами 96 и 94 темно", []string{"stretch между домами 96 и 94 (between)"}},
		{"напротив школы 5", []string{"landmark школа 5 (opposite)"}},
		{"за магазином «Магнит» мусор", []string{"landmark магазин «Магнит» (behind)"}},
		{"в парке имени Гагарина темно", []string{"landmark парк имени Гагарина (inside)"}},
		{"у остановки «Рынок» свалка", []string{"stop Рынок (near)"}},
		{"на 45 км трассы Р-257", []string{"road 45 км трассы Р-257"}},
		{"село Подсинее", []string{"settlement Подсинее"}},
		{"в селе Подсинем", []string{"settlement Подсинее"}},
		{"в посёлке Касьяновском", []string{"settlement Касьяновский"}},
		{"мкр Черёмушки, дом 16", []string{"district Черемушки", "house , 16"}},
		{"между домами 7 и 9 по ул. Маршала Жукова", []string{"stretch между домами 7 и 9 (between)", "street Маршала Жукова"}},
		{"Толе би 18, темно", []string{"street Толе би", "house Толе би, 18"}},
		{"на карла маркса яма", []string{"street Карла Маркса"}},
		{"ул. Клары Цеткин 4 темно", []string{"street Клары Цеткин", "house Клары Цеткин, 4"}},
		{"проспект Дружбы Народов 12", []string{"street Дружбы Народов", "house Дружбы Народов, 12"}},
		{"наурызбай батыра 37 холодно", []string{"street Наурызбай батыра", "house Наурызбай батыра, 37"}},
		{"проспект С. Ковалевской", []string{"street С. Ковалевской"}},
		{"дома 3, 5 по ул. Седова", []string{"house Седова, 3, 5", "street Седова"}},
		{"выше Грибоедова 16 яма", []string{"street Грибоедова (above)", "house Грибоедова, 16 (above)"}},
		{"шёл с Чапаева пешком", []string{"street Чапаева"}},
		{"в Чижовском карьере свалка", []string{"landmark Чижовский карьер (inside)"}},
		{"перекрёсток улиц Сурикова Полевая", []string{"intersection Сурикова и Полевая", "street Сурикова", "street Полевая"}},
		{"жалоба на Петренко", []string{}},
		{"номер ЖЭУ 17, ГАЗ 3110", []string{}},
		{"окна, двери и т. д. Вчера снова", []string{}},
		{"улица грязная, скользкая", []string{}},
		{"прошу Иванова Н.Г., Петрова Т.В. наказать", []string{}},
		{"в доме 9 этажей", []string{}},
		{"стою 8 марта в очереди 3 часа", []string{}},
		{"на улице темно и холодно", []string{}},
		{"ждём в школе, в магазине, у подъезда", []string{}},
		{"живу на 5 этаже, кв. 12", []string{}},
		{"Пётр Гагарин опять не пришёл", []string{}},
	} {
		got := briefs(l.Find(a.Read(c.text), locate.Context{}))
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("Find(%q) (-want +got):\n%s", c.text, d)
		}
	}
}

func TestNamesakes(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(gazetteer(t))
	for _, c := range []struct {
		text     string
		hint     locate.Context
		id       string
		low      bool // other namesakes make it doubtful
		settlers int  // candidates
	}{
		{text: "в селе Берёзовка нет воды", hint: locate.Context{Region: "95000000"}, id: "95610000105", settlers: 3},
		{text: "в селе Берёзовка нет воды", hint: locate.Context{Region: "05000000"}, id: "05605000105", settlers: 3},
		{text: "посёлок Берёзовка, нет воды", id: "04614000105", settlers: 3},
		{text: "в селе Берёзовка нет воды", id: "05605000105", low: true, settlers: 3}, // the посёлок has more people, but the word says село
		{text: "г. Мирный, нет воды", id: "98731000001", settlers: 2},
		{text: "посёлок Мирный, нет воды", hint: locate.Context{Region: "95000000"}, id: "95605000101", settlers: 2},
		{text: "мирный человек, дружба народов, наша победа", id: ""},
		{text: "Победа! Дружба крепче всего", id: ""},
	} {
		got := l.Find(a.Read(c.text), c.hint)
		if c.id == "" {
			if len(got) > 0 {
				t.Errorf("Find(%q) = %v, want nothing", c.text, briefs(got))
			}
			continue
		}
		if len(got) != 1 || got[0].ID != c.id || len(got[0].Candidates) != c.settlers {
			t.Errorf("Find(%q, %+v) = %+v, want %s of %d", c.text, c.hint, got, c.id, c.settlers)
			continue
		}
		if low := got[0].Score < 0.7; low != c.low {
			t.Errorf("Find(%q, %+v) score = %.2f, doubtful want %v", c.text, c.hint, got[0].Score, c.low)
		}
	}
}

// A street is looked up in the settlement of the text, or else of the source.
func TestStreetLiesInItsTown(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(gazetteer(t))
	for _, c := range []struct {
		text string
		hint locate.Context
		want string
	}{
		{"Яма на улице Ленина в Абазе", locate.Context{}, "street:1"},
		{"Яма на улице Ленина в Абазе", locate.Context{Settlement: "95701000001"}, "street:1"},
		{"Яма на улице Ленина", locate.Context{Settlement: "95701000001"}, "street:2"},
		{"Яма на улице Ленина в Черногорске", locate.Context{}, ""},
		{"на 2-м переулке Мира, Абакан", locate.Context{}, "street:4"},
	} {
		got := l.Find(a.Read(c.text), c.hint)
		i := slices.IndexFunc(got, func(f locate.Found) bool { return f.Type == locate.Street })
		if i < 0 || got[i].ID != c.want {
			t.Errorf("Find(%q, %+v) = %+v, want street %q", c.text, c.hint, got, c.want)
		}
	}
}

// Readers are reused and shared: what one text left must not colour the next.
func TestFindIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(gazetteer(t))
	texts := []string{
		"По улице Ленина в Абазе в районе центральной бани яма", "Да у нас все дороги плохие", "угол Мира и Ленина",
		"Республика Хакасия, г. Абакан, ул. Мира, д. 3, кв. 5", "НЕТ ВОДЫ НА ЛЕНИНА 5", "",
	}
	var want [][]string
	for _, s := range texts {
		want = append(want, briefs(locate.New(gazetteer(t)).Find(a.Read(s), locate.Context{})))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range 200 {
				k := n % len(texts)
				if d := cmp.Diff(want[k], briefs(l.Find(a.Read(texts[k]), locate.Context{}))); d != "" {
					t.Errorf("Find(%q), reading %d (-want +got):\n%s", texts[k], n, d)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestHouseOfTheGazetteerHasAPoint(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(gazetteer(t))
	for text, lat := range map[string]float64{"Абаза, Ленина 16": 52, "Абаза, Ленина 17": 51} {
		got := l.Find(a.Read(text), locate.Context{})
		i := slices.IndexFunc(got, func(f locate.Found) bool { return f.Type == locate.House })
		if i < 0 || got[i].Lat != lat {
			t.Errorf("Find(%q) = %+v, want a house at latitude %v (its own, or its street's)", text, got, lat)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		"По улице Ленина, д. 33/2 корп. 1", "ул.", "г.", "на пересечении", "от до", "между домами 96 и", "\"«", "6-й дом", "№ 5 12-45",
		"в квадрате улиц А - Б", "45 км", "остановка", "им. К.", "\xff\xfe", "д.", "1-я", "УЛ. ЛЕНИНА, Д 5",
	} {
		f.Add(s)
	}
	a, l := analyzer(f), locate.New(gazetteer(f))
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range l.Find(a.Read(s), locate.Context{}) {
			if p.Span.Start < 0 || p.Span.End > len(s) || p.Span.Start >= p.Span.End {
				t.Errorf("span %v outside the text of %d bytes", p.Span, len(s))
			}
			if p.Cue.Start < 0 || p.Cue.End > len(s) || p.Cue.Start > p.Cue.End {
				t.Errorf("cue %v outside the text of %d bytes", p.Cue, len(s))
			}
			if p.Score <= 0 || p.Score > 1 {
				t.Errorf("%s: score %v", p.Type, p.Score)
			}
		}
	})
}

// Typing errors, ranges and abbreviations that residents make.
func TestAsResidentsType(t *testing.T) {
	t.Parallel()
	a, l := analyzer(t), locate.New(nil)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"на просекте Мира яма", []string{"street Мира"}},
		{"переулк Садовый 5", []string{"street Садовый", "house Садовый, 5"}},
		{"на пересечнии Мира и Ленина", []string{"intersection Мира и Ленина", "street Мира", "street Ленина"}},
		{"напртив школы 5 яма", []string{"landmark школа 5 (opposite)"}},
		{"микрорайно Южный без света", []string{"district Южный"}},
		{"Мира дома с 5 по 15 без воды", []string{"street Мира", "house Мира, 5–15"}},
		{"сидим с 5 по 15 без воды", []string{}},
		{"на генерала тихонова 4 лужа", []string{"street Генерала Тихонова", "house Генерала Тихонова, 4"}},
		{"на сакко и ванцетти 12 темно", []string{"street Сакко и Ванцетти", "house Сакко и Ванцетти, 12"}},
		{"нападение на генерала, розы цветут", []string{}},
	} {
		got := briefs(l.Find(a.Read(c.text), locate.Context{}))
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("Find(%q) (-want +got):\n%s", c.text, d)
		}
	}
}
