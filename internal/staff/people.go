package staff

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/order"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// PeoplePage lists the accounts that an administrator looks after.
type PeoplePage struct {
	Chrome
	Rows     []PersonRow
	Roles    []lifecycle.Role
	Centres  []Choice
	Agencies []Choice
	Kept     url.Values
	Problem  string
	Password *NewPassword
}

// A NewPassword is shown once, to be handed over; only its hash is kept.
type NewPassword struct{ Name, Login, Password string }

// A PersonRow is one account.
type PersonRow struct {
	ID                       account.ID
	Name, Login, Role, Where string
	Disabled, Self           bool
	Kept                     bool // by somebody who sees more: this administrator only looks
}

// Value returns what was typed into a field.
func (p *PeoplePage) Value(name string) string { return p.Kept.Get(name) }

func (s *Staff) peoplePage(w http.ResponseWriter, r *http.Request) error {
	return s.showPeople(w, r, http.StatusOK, &PeoplePage{})
}

func (s *Staff) showPeople(w http.ResponseWriter, r *http.Request, status int, p *PeoplePage) error {
	me := who(r)
	list, err := s.Cases().Accounts().Accounts(r.Context(), me.Scope())
	if err != nil {
		return err
	}
	agencies, err := s.regionAgencies(r.Context(), me)
	if err != nil {
		return err
	}
	order.By(list, func(a, b account.Account) int { // who may not sign in stands last
		if a.Disabled != b.Disabled {
			if a.Disabled {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Name, b.Name)
	})
	for i := range list {
		a := &list[i]
		row := PersonRow{ID: a.ID, Name: a.Name, Login: a.Login, Role: a.Role.Name(), Disabled: a.Disabled, Self: a.ID == me.ID, Kept: !a.Scope().Within(me.Scope())}
		switch {
		case a.Place.Agency != 0:
			row.Where = agencies.name(a.Place.Agency)
		case a.Place.Centre != "":
			row.Where = s.placeName(a.Place.Centre)
		case a.Place.Region != "":
			row.Where = s.placeName(a.Place.Region)
		default:
			row.Where = "все регионы"
		}
		p.Rows = append(p.Rows, row)
	}
	c := s.choices(me, agencies)
	p.Roles, p.Centres, p.Agencies = lifecycle.Roles(), c.Centres, c.Agencies
	p.Chrome = s.chrome(w, r, "people")
	p.Here = "/desk/people"
	return s.page(w, r, status, "Люди", People(p))
}

// loginForm: a login is typed on phones and read out loud.
func goodLogin(s string) bool {
	if len(s) < 2 || len(s) > 40 {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

func (s *Staff) createPerson(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	me := who(r)
	a := account.Account{Login: strings.ToLower(field(r, "login")), Name: field(r, "name"), Place: scope.Place{Region: me.Place.Region, Centre: field(r, "centre"), Agency: number(r, "agency")}}
	if me.Place.Centre != "" { // a part of the region is looked after by its own
		a.Place.Centre = me.Place.Centre
	}
	if me.Place.Agency != 0 {
		a.Place.Agency = me.Place.Agency
	}
	refuse := func(sentence string) error {
		return s.showPeople(w, r, http.StatusUnprocessableEntity, &PeoplePage{Kept: r.PostForm, Problem: sentence})
	}
	role, err := lifecycle.ParseRole(field(r, "role"))
	switch {
	case err != nil:
		return refuse("Выберите роль.")
	case a.Name == "" || utf8.RuneCountInString(a.Name) > 100:
		return refuse("Напишите имя и фамилию: их видят коллеги.")
	case !goodLogin(a.Login):
		return refuse("Логин пишется латиницей: строчные буквы, цифры, точка, дефис; от 2 до 40 знаков.")
	case !a.Scope().Within(me.Scope()):
		return refuse("Нельзя дать больше, чем видите вы сами.")
	}
	a.Role = role
	switch _, err := s.Cases().Accounts().ByLogin(r.Context(), a.Login); {
	case err == nil:
		return refuse("Такой логин уже есть. Добавьте цифру или отчество.")
	case !fault.Is(err, fault.NotFound):
		return err
	}
	password, err := s.savePassword(r, me, &a)
	if err != nil {
		return err
	}
	return s.showPeople(w, r, http.StatusOK, &PeoplePage{Password: &NewPassword{a.Name, a.Login, password}})
}

// savePassword gives the account a new password and stores both with a line of audit.
func (s *Staff) savePassword(r *http.Request, me *account.Account, a *account.Account) (string, error) {
	password := strings.ToLower(rand.Text()[:16])
	hash, err := site.HashPassword(password)
	if err != nil {
		return "", err
	}
	a.Hash = hash
	return password, s.savePerson(r.Context(), me, a)
}

func (s *Staff) savePerson(ctx context.Context, me, a *account.Account) error {
	defer s.people.forget()
	return s.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
		if err := tx.Accounts().SaveAccount(ctx, a); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: s.Now(), Who: me.ID, Deed: audit.Changed, Subject: fmt.Sprintf("account:%d", a.ID), Place: a.Place})
	})
}

type personKey struct{}

// personResource is the resource of an account inside the administrator's scope.
func (s *Staff) personResource() *site.Resource {
	return &site.Resource{Name: "account", Load: func(ctx context.Context, me *account.Account, id int64) (context.Context, error) {
		a, err := s.Cases().Accounts().Account(ctx, account.ID(id))
		if err != nil {
			return ctx, err
		}
		if !a.Scope().Within(me.Scope()) {
			return ctx, fault.New(fault.NotFound, "account %d is outside of the scope", id)
		}
		return context.WithValue(ctx, personKey{}, a), nil
	}}
}

// setPerson disables or enables an account, or gives it a new password.
func (s *Staff) setPerson(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	me := who(r)
	a := *r.Context().Value(personKey{}).(*account.Account)
	switch r.PathValue("deed") {
	case "disable", "enable":
		a.Disabled = r.PathValue("deed") == "disable"
		if a.ID == me.ID && a.Disabled {
			say(w, Said{Bad: "Себя отключить нельзя: некому будет включить обратно."})
			http.Redirect(w, r, "/desk/people", http.StatusSeeOther)
			return nil
		}
		if err := s.savePerson(r.Context(), me, &a); err != nil {
			return err
		}
		said := Said{Good: a.Name + ": вход открыт.", UndoAs: "Отключить", Undo: "/desk/people/" + strconv.FormatInt(int64(a.ID), 10) + "/disable"}
		if a.Disabled {
			said = Said{Good: a.Name + ": вход закрыт, открытые страницы перестали работать.", UndoAs: "Вернуть вход", Undo: "/desk/people/" + strconv.FormatInt(int64(a.ID), 10) + "/enable"}
		}
		say(w, said)
		http.Redirect(w, r, "/desk/people", http.StatusSeeOther)
		return nil
	case "password":
		password, err := s.savePassword(r, me, &a)
		if err != nil {
			return err
		}
		return s.showPeople(w, r, http.StatusOK, &PeoplePage{Password: &NewPassword{a.Name, a.Login, password}})
	}
	return fault.New(fault.NotFound, "no such deed")
}
