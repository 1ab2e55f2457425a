package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"strings"

	"github.com/alexedwards/argon2id"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/config"
	"otklik/internal/gazetteer"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/place"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/store"
)

// A Setup is a new installation.
type Setup struct {
	Config   config.Config
	Region   string // name, «все регионы» for all
	Agencies int
	Login    string
	Password string // of the first administrator; it is stored nowhere else
}

// Init makes an installation for a region (a name or an OKTMO code, or "all")
// in a folder: the configuration, the store, an agency for every municipality
// with the routing rules to it, and the first administrator. storeURL is a
// postgres:// URL, or empty for a SQLite file in the folder.
func Init(ctx context.Context, region, dir, storeURL string, log *slog.Logger) (s Setup, err error) {
	if strings.EqualFold(region, "all") {
		region = "all"
	}
	regions := gazetteer.Regions()
	s.Config = config.Config{Region: "all", Title: "Центр управления регионом", Listen: "127.0.0.1:8080", Store: cmp.Or(storeURL, "otklik.db")}
	s.Region = "все регионы"
	if region != "all" {
		p, err := gazetteer.FindRegion(region)
		if err != nil {
			return s, err
		}
		regions = []place.Place{p}
		s.Config.Region, s.Region = p.ID, p.Name
		s.Config.Title = "ЦУР: " + p.Name
	}
	if err := config.Reserve(dir); err != nil {
		return s, err
	}
	db, err := store.Open(ctx, s.Config.StoreURL(dir), store.Log(log))
	if err != nil {
		return s, err
	}
	defer db.Close()
	if err := streets(ctx, db, regions); err != nil {
		return s, err
	}
	s.Login, s.Password = "admin", password()
	hash, err := argon2id.CreateHash(s.Password, argon2id.DefaultParams)
	if err != nil {
		return s, err
	}
	home := s.Config.Region
	if home == "all" {
		home = ""
	}
	err = db.Change(ctx, incident.People, func(tx incident.Tx) error {
		if _, err := tx.Accounts().ByLogin(ctx, s.Login); err == nil { // begun before and cut off: a new password
			a, err := tx.Accounts().ByLogin(ctx, s.Login)
			if err != nil {
				return err
			}
			a.Hash = hash
			return tx.Accounts().SaveAccount(ctx, a)
		}
		for _, r := range regions {
			n, err := agencies(ctx, tx, r, region == "all")
			if err != nil {
				return err
			}
			s.Agencies += n
		}
		return tx.Accounts().SaveAccount(ctx, &account.Account{
			Login: s.Login, Name: "Администратор", Role: lifecycle.Admin, Hash: hash, Place: scope.Place{Region: home},
		})
	})
	if err != nil {
		return s, err
	}
	return s, config.Save(dir, s.Config) // last: a folder with it is a whole installation
}

// streets stores the streets that the product brings for the regions.
func streets(ctx context.Context, db *store.DB, regions []place.Place) error {
	analyzer, err := russian.New()
	if err != nil {
		return err
	}
	codes := make([]string, len(regions))
	for k := range regions {
		codes[k] = regions[k].ID
	}
	ix, err := gazetteer.New(analyzer, codes...)
	if err != nil {
		return err
	}
	_, err = ix.AddBundledStreets(ctx, db)
	return err
}

// agencies stores one agency for the region and, unless only, one for each of
// its municipalities, with the rules that route by territory.
func agencies(ctx context.Context, tx incident.Tx, region place.Place, only bool) (n int, err error) {
	var rules []agency.Rule
	here := scope.Place{Region: region.ID}
	if !only {
		towns, err := gazetteer.Municipalities(region.ID)
		if err != nil {
			return 0, err
		}
		for _, m := range towns {
			a := &agency.Agency{Name: "Администрация: " + municipality(m), Short: m.Name, Place: scope.Place{Region: region.ID, Centre: m.ID}}
			if err := tx.Agencies().SaveAgency(ctx, a); err != nil {
				return n, err
			}
			rules = append(rules, agency.Rule{Order: len(rules) + 1, Territory: m.ID, Agency: a.ID, Place: here})
			n++
		}
	}
	top := &agency.Agency{Name: "Правительство: " + region.Name, Short: "Правительство", Place: here}
	if err := tx.Agencies().SaveAgency(ctx, top); err != nil {
		return n, err
	}
	rules = append(rules, agency.Rule{Order: len(rules) + 1, Agency: top.ID, Place: here})
	return n + 1, tx.Agencies().SaveRules(ctx, region.ID, rules)
}

func municipality(m place.Place) string {
	if m.Type == "" || strings.Contains(strings.ToLower(m.Name), strings.ToLower(m.Type)) {
		return m.Name
	}
	return m.Type + " " + m.Name
}

// password returns a password that a person can type from a screen.
func password() string {
	s := strings.ToLower(rand.Text())
	return s[:5] + "-" + s[5:10] + "-" + s[10:15]
}
