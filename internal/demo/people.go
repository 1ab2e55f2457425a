package demo

import (
	"context"
	"fmt"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/gazetteer"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// Password is the password of every demo account.
const Password = "demo"

// roadService is the agency whose coordinator, executor and approver can be
// signed in to: it has most of the work.
const roadService = "Дороги и дворы"

// A sign is one account that a visitor can sign in to.
type sign struct {
	role        lifecycle.Role
	name, about string
	centre      string // municipality that it sees, "" for the region
	agency      string // short name of the agency that it sees
}

var signs = []sign{
	{lifecycle.Operator, "Ирина Соколова", "разбирает очередь: принимает, передаёт, отвечает", "", ""},
	{lifecycle.Curator, "Павел Тарханов", "видит весь регион, правит маршруты и темы", "", ""},
	{lifecycle.Coordinator, "Людмила Вершинина", "распределяет работу внутри службы дорог Абакана", "", roadService},
	{lifecycle.Executor, "Егор Заречный", "делает работу и пишет проект ответа", "", roadService},
	{lifecycle.Approver, "Виктор Лесных", "утверждает или возвращает ответы", "", roadService},
	{lifecycle.Controller, "Марина Озёрная", "проверяет решения, возвращает на доработку", "", ""},
	{lifecycle.Centre, "Олеся Рудых", "муниципальный центр: видит только Черногорск", "Черногорск", ""},
	{lifecycle.Analyst, "Тимур Саражаков", "смотрит, о чём пишут и где", "", ""},
	{lifecycle.Editor, "Анастасия Полевая", "готовит тексты для людей", "", ""},
	{lifecycle.Trainer, "Галина Белых", "учит сотрудников", "", ""},
	{lifecycle.Phone, "Светлана Юрьева", "заводит карточки по звонкам", "", ""},
	{lifecycle.Admin, "Роман Ключников", "сотрудники, правила, источники", "", ""},
	{lifecycle.Leader, "Наталья Енисеева", "только смотрит: картина по республике", "", ""},
}

// An office is an agency with the people whose work stands in the history. They
// have no password: nobody can sign in as them.
type office struct {
	name, short string
	town        string // municipality, "" for the republic
	approval    bool
	executor    string
	approver    string // "" where replies need none
}

var offices = []office{
	{"Аппарат Правительства Республики Хакасия", "Правительство", "", false, "Вера Подгорная", ""},
	{"Министерство здравоохранения Республики Хакасия", "Минздрав", "", true, "Алина Чистякова", "Денис Каменев"},
	{"Министерство образования и науки Республики Хакасия", "Минобрнауки", "", true, "Ольга Школина", "Тамара Майнагашева"},
	{"Министерство транспорта и дорожного хозяйства Республики Хакасия", "Минтранс", "", true, "Глеб Мостовой", "Роза Чебодаева"},
	{"Министерство строительства и жилищно-коммунального хозяйства Республики Хакасия", "Минстрой", "", false, "Кирилл Кровлин", ""},
	{"Министерство социальной защиты Республики Хакасия", "Минсоцзащиты", "", false, "Елена Добрынина", ""},
	{"Министерство природных ресурсов и экологии Республики Хакасия", "Минприроды", "", false, "Артур Таёжный", ""},
	{"Министерство культуры и спорта Республики Хакасия", "Культура и спорт", "", false, "Майя Сценина", ""},
	{"Государственная жилищная инспекция Республики Хакасия", "Жилинспекция", "", false, "Инна Подъездова", ""},
	{"Служба дорог и благоустройства города Абакана", roadService, "Абакан", true, "Семён Грейдеров", "Игорь Площадной"},
	{"Теплосетевая компания «Степное тепло»", "Степное тепло", "", false, "Захар Котлов", ""},
	{"Региональный оператор отходов «Чистый Саян»", "Чистый Саян", "", false, "Лариса Контейнерова", ""},
	{"Сетевая компания «Степные электросети»", "Степные электросети", "", false, "Борис Фазин", ""},
	{"Администрация города Абакана", "Администрация Абакана", "Абакан", true, "Юлия Городская", "Константин Набережный"},
	{"Администрация города Черногорска", "Администрация Черногорска", "Черногорск", false, "Рита Угольникова", ""},
	{"Администрация города Саяногорска", "Администрация Саяногорска", "Саяногорск", false, "Антон Металлин", ""},
	{"Администрация города Абазы", "Администрация Абазы", "Абаза", false, "Нина Рудничная", ""},
	{"Администрация города Сорска", "Администрация Сорска", "Сорск", false, "Фёдор Молибденов", ""},
	{"Администрация Усть-Абаканского района", "Администрация Усть-Абаканского района", "Усть-Абаканский", false, "Зоя Протокова", ""},
	{"Администрация Аскизского района", "Администрация Аскизского района", "Аскизский", false, "Сайана Аскизова", ""},
	{"Администрация Ширинского района", "Администрация Ширинского района", "Ширинский", false, "Пётр Озерков", ""},
	{"Администрация Бейского района", "Администрация Бейского района", "Бейский", false, "Клара Садовникова", ""},
	{"Администрация Таштыпского района", "Администрация Таштыпского района", "Таштыпский", false, "Арсен Кедров", ""},
	{"Администрация Алтайского района", "Администрация Алтайского района", "Алтайский", false, "Раиса Бахчеева", ""},
	{"Администрация Боградского района", "Администрация Боградского района", "Боградский", false, "Матвей Курганный", ""},
	{"Администрация Орджоникидзевского района", "Администрация Орджоникидзевского района", "Орджоникидзевский", false, "Дина Июсова", ""},
}

// routes is the routing by topic group or topic × town, first match first;
// behind it every municipality goes to its administration, and the rest to the
// government's office.
var routes = []struct {
	topic topic.Code
	group string
	town  string
	to    string
}{
	{"housing.heating", "", "", "Степное тепло"},
	{"housing.no_hot_water", "", "", "Степное тепло"},
	{"housing.water_pressure", "", "", "Степное тепло"},
	{"housing.pipe_burst", "", "", "Степное тепло"},
	{"", "Мусор/Свалки/ТКО", "", "Чистый Саян"},
	{"", "Электроснабжение", "", "Степные электросети"},
	{"", "Здравоохранение/Медицина", "", "Минздрав"},
	{"", "Коронавирус", "", "Минздрав"},
	{"", "Образование", "", "Минобрнауки"},
	{"", "Социальное обслуживание и защита", "", "Минсоцзащиты"},
	{"", "Мобилизация", "", "Правительство"},
	{"", "Экология", "", "Минприроды"},
	{"", "Культура", "", "Культура и спорт"},
	{"", "Физическая культура и спорт", "", "Культура и спорт"},
	{"", "Памятники и объекты культурного наследия", "", "Культура и спорт"},
	{"", "Дороги", "Абакан", roadService},
	{"", "Благоустройство", "Абакан", roadService},
	{"", "Общественный транспорт", "Абакан", "Администрация Абакана"},
	{"", "Общественный транспорт", "", "Минтранс"},
	{"", "Строительство и архитектура", "", "Минстрой"},
	{"housing.management_company", "", "", "Жилинспекция"},
}

// people are the accounts by what they do, for the history.
type people struct {
	byRole map[lifecycle.Role]account.Actor
	staff  map[int64]crew // by agency
	towns  map[string]string
}

// A crew is the people of one agency.
type crew struct{ executor, approver account.Actor }

// settle stores agencies, routing rules and accounts.
func settle(ctx context.Context, tx incident.Tx, region string) (*people, error) {
	p := &people{byRole: map[lifecycle.Role]account.Actor{}, staff: map[int64]crew{}, towns: map[string]string{}}
	municipalities, err := gazetteer.Municipalities(region)
	if err != nil {
		return nil, err
	}
	for _, m := range municipalities {
		p.towns[m.Name] = m.ID
	}
	hash, err := site.HashPassword(Password) // once: hashing is dear on purpose
	if err != nil {
		return nil, err
	}
	here := scope.Place{Region: region}
	agencies := map[string]int64{}
	for n, o := range offices {
		a := &agency.Agency{Name: o.name, Short: o.short, Approval: o.approval, Place: here}
		if o.town != "" {
			if a.Place.Centre = p.towns[o.town]; a.Place.Centre == "" {
				return nil, fmt.Errorf("demo: municipality %s is not in the gazetteer", o.town)
			}
		}
		if err := tx.Agencies().SaveAgency(ctx, a); err != nil {
			return nil, err
		}
		agencies[o.short] = a.ID
		at := scope.Place{Region: region, Agency: a.ID}
		c := crew{}
		if c.executor, err = hire(ctx, tx, account.Account{Login: fmt.Sprintf("executor%d", n+1), Name: o.executor, Role: lifecycle.Executor, Disabled: true, Place: at}); err != nil {
			return nil, err
		}
		if c.approver = c.executor; o.approver != "" {
			if c.approver, err = hire(ctx, tx, account.Account{Login: fmt.Sprintf("approver%d", n+1), Name: o.approver, Role: lifecycle.Approver, Disabled: true, Place: at}); err != nil {
				return nil, err
			}
		}
		p.staff[a.ID] = c
	}
	for _, s := range signs {
		a := account.Account{Login: string(s.role), Name: s.name, Role: s.role, Hash: hash, Place: here}
		if s.centre != "" {
			a.Place.Centre = p.towns[s.centre]
		}
		a.Place.Agency = agencies[s.agency]
		if p.byRole[s.role], err = hire(ctx, tx, a); err != nil {
			return nil, err
		}
	}
	busy := p.staff[agencies[roadService]]
	busy.executor, busy.approver = p.byRole[lifecycle.Executor], p.byRole[lifecycle.Approver]
	p.staff[agencies[roadService]] = busy
	return p, tx.Agencies().SaveRules(ctx, region, rules(here, p.towns, agencies))
}

func hire(ctx context.Context, tx incident.Tx, a account.Account) (account.Actor, error) {
	err := tx.Accounts().SaveAccount(ctx, &a)
	return a.Actor(), err
}

func rules(here scope.Place, towns map[string]string, agencies map[string]int64) []agency.Rule {
	var list []agency.Rule
	add := func(r agency.Rule) {
		r.Order, r.Place = len(list)+1, here
		list = append(list, r)
	}
	for _, r := range routes {
		add(agency.Rule{Topic: r.topic, Group: r.group, Territory: towns[r.town], Agency: agencies[r.to]})
	}
	for _, o := range offices {
		if o.town != "" && o.short != roadService {
			add(agency.Rule{Territory: towns[o.town], Agency: agencies[o.short]})
		}
	}
	add(agency.Rule{Group: "Дороги", Agency: agencies["Минтранс"]})
	add(agency.Rule{Agency: agencies["Правительство"]})
	return list
}

// signIns are the buttons of the sign-in page.
func signIns() []site.DemoAccount {
	var list []site.DemoAccount
	for _, s := range signs {
		list = append(list, site.DemoAccount{Login: string(s.role), Password: Password, Label: s.role.Name() + ": " + s.name, About: s.about})
	}
	return list
}
