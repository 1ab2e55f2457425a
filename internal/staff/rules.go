package staff

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/site"
)

// RulesPage is the ordered list of routing rules.
type RulesPage struct {
	Chrome
	Rows    []RuleRow
	Stamp   string // of the list as shown: a change of another list is refused
	Groups  []string
	Centres []Choice
	Lists   string
	Kept    url.Values
	Problem string
}

// A RuleRow is one rule in words.
type RuleRow struct {
	N           int // place in the list, from 1
	ID          int64
	When, To    string
	First, Last bool
}

// Value returns what was typed into a field.
func (p *RulesPage) Value(name string) string { return p.Kept.Get(name) }

func (s *Staff) rules(w http.ResponseWriter, r *http.Request) error {
	return s.showRules(w, r, http.StatusOK, &RulesPage{})
}

func (s *Staff) showRules(w http.ResponseWriter, r *http.Request, status int, p *RulesPage) error {
	me := who(r)
	rules, err := s.Cases().Agencies().Rules(r.Context(), me.Place.Region)
	if err != nil {
		return err
	}
	agencies, err := s.regionAgencies(r.Context(), me)
	if err != nil {
		return err
	}
	for n := range rules {
		to := agencies.name(rules[n].Agency)
		if a := agencies.byID[rules[n].Agency]; a != nil {
			to = a.Name
		}
		p.Rows = append(p.Rows, RuleRow{N: n + 1, ID: rules[n].ID, When: sentenceCase(strings.TrimPrefix(s.why(&rules[n]), "правило: ")), To: to, First: n == 0, Last: n == len(rules)-1})
	}
	p.Stamp = stamp(rules)
	c := s.choices(me, agencies)
	p.Groups, p.Centres = c.Groups, c.Centres
	list, err := s.agencyOptions(r.Context(), me)
	if err != nil {
		return err
	}
	p.Lists = list + s.topicOptions()
	p.Chrome = s.chrome(w, r, "rules")
	p.Here = "/desk/rules"
	return s.page(w, r, status, "Маршруты", Rules(p))
}

// stamp names a list of rules, so that two people do not overwrite each other.
func stamp(rules []agency.Rule) string {
	b := ""
	for _, r := range rules {
		b += strconv.FormatInt(r.ID, 36) + "."
	}
	return b
}

// editRules adds, moves or deletes one rule of the list.
func (s *Staff) editRules(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	me := who(r)
	said := Said{}
	err := s.Writer.Change(r.Context(), incident.People, func(tx incident.Tx) error {
		rules, err := tx.Agencies().Rules(r.Context(), me.Place.Region)
		if err != nil {
			return err
		}
		if stamp(rules) != r.PostForm.Get("stamp") {
			return fault.New(fault.Conflict, "rules have changed").Say("Список правил только что изменил кто-то ещё. Посмотрите, каким он стал, и повторите.")
		}
		if rules, said.Good, err = s.edited(r, me, rules); err != nil {
			return err
		}
		for n := range rules {
			rules[n].Order = n + 1
		}
		if err := tx.Agencies().SaveRules(r.Context(), me.Place.Region, rules); err != nil {
			return err
		}
		return tx.Audit().Record(r.Context(), audit.Entry{At: s.Now(), Who: me.ID, Deed: audit.Changed, Subject: "rules:" + me.Place.Region, Place: me.Place})
	})
	switch fault.KindOf(err) {
	case "":
		say(w, said)
		http.Redirect(w, r, "/desk/rules", http.StatusSeeOther)
		return nil
	case fault.Conflict, fault.Invalid:
		return s.showRules(w, r, site.Status(err), &RulesPage{Kept: r.PostForm, Problem: fault.Sentence(err)})
	}
	return err
}

func (s *Staff) edited(r *http.Request, me *account.Account, rules []agency.Rule) ([]agency.Rule, string, error) {
	if r.PathValue("deed") == "add" {
		rule, err := s.newRule(r, me)
		if err != nil {
			return nil, "", err
		}
		at := len(rules)
		if n := int(number(r, "at")); n >= 1 && n <= len(rules) {
			at = n - 1
		}
		return slices.Insert(rules, at, rule), "Правило добавлено на " + strconv.Itoa(at+1) + "-е место.", nil
	}
	n := slices.IndexFunc(rules, func(rule agency.Rule) bool { return rule.ID == number(r, "rule") })
	if n < 0 {
		return nil, "", fault.New(fault.Conflict, "no such rule").Say("Этого правила уже нет.")
	}
	switch r.PathValue("deed") {
	case "up":
		if n > 0 {
			rules[n-1], rules[n] = rules[n], rules[n-1]
		}
		return rules, "Правило поднято.", nil
	case "down":
		if n < len(rules)-1 {
			rules[n+1], rules[n] = rules[n], rules[n+1]
		}
		return rules, "Правило опущено.", nil
	case "delete":
		return slices.Delete(rules, n, n+1), "Правило удалено.", nil
	}
	return nil, "", fault.New(fault.NotFound, "no such deed")
}

func (s *Staff) newRule(r *http.Request, me *account.Account) (agency.Rule, error) {
	rule := agency.Rule{Territory: field(r, "territory"), Group: field(r, "group")}
	rule.Place.Region = me.Place.Region
	if name := field(r, "topic"); name != "" {
		tp, ok := s.Topics().ByName(name)
		if !ok || tp.Retired {
			return rule, fault.New(fault.Invalid, "no such topic").At("topic").Say("Такой темы нет в классификаторе. Выберите из подсказки или оставьте поле пустым.")
		}
		rule.Topic, rule.Group = tp.Code, "" // one topic says more than its group
	}
	agencies, err := s.regionAgencies(r.Context(), me)
	if err != nil {
		return rule, err
	}
	a := agencies.find(field(r, "agency"))
	if a == nil {
		return rule, fault.New(fault.Invalid, "no such agency").At("agency").Say("Выберите организацию из списка: наберите две буквы её названия.")
	}
	if a.Disabled {
		return rule, fault.New(fault.Invalid, "agency %d is closed", a.ID).At("agency").Say("Эта организация закрыта: правило вело бы в никуда. Выберите другую.")
	}
	rule.Agency = a.ID
	return rule, nil
}
