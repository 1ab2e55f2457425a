package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A Token is the sign-in of a program, without its secret.
type Token struct {
	ID        int64      `json:"id"`
	Account   int64      `json:"account" doc:"Whose role and scope it has"`
	Name      string     `json:"name" doc:"What it is for"`
	CreatedAt *time.Time `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
}

// A NewToken carries the secret, this once.
type NewToken struct {
	Token
	Secret string `json:"token" doc:"Shown once; the service keeps a hash of it"`
}

// A TokenBody asks for a token.
type TokenBody struct {
	Name    string `json:"name" minLength:"1" maxLength:"100" doc:"What it is for"`
	Account int64  `json:"account,omitempty" minimum:"0" doc:"Another account, for administrators; absent: the caller's own"`
	Days    int    `json:"days,omitempty" minimum:"1" maximum:"366" default:"365" doc:"After which it ends"`
}

// secretPrefix tells scanners of leaked secrets what they have found.
const secretPrefix = "otklik_"

type tokenKey struct{}

func (a *API) addTokens() {
	tags := []string{"tokens"}
	add(a, huma.Operation{Method: http.MethodGet, Path: "/tokens", Summary: "Tokens of the caller, or of an administrator's people", Tags: tags},
		site.Access{}, a.tokens)
	add(a, huma.Operation{Method: http.MethodPost, Path: "/tokens", Summary: "Make a token: the secret is shown once", Tags: tags, DefaultStatus: http.StatusCreated,
		Description: "Needs a browser's session: a token that leaked must not make others that outlive it."}, site.Access{}, a.makeToken)
	add(a, huma.Operation{Method: http.MethodDelete, Path: "/tokens/{id}", Summary: "Revoke a token", Tags: tags, DefaultStatus: http.StatusNoContent},
		site.Access{Of: a.ofToken()}, a.endToken)
}

// ofToken is a token that the caller owns or administers.
func (a *API) ofToken() *site.Resource {
	return &site.Resource{Name: "token", Load: func(ctx context.Context, who *account.Account, id int64) (context.Context, error) {
		accounts := a.Cases().Accounts()
		list, err := accounts.Tokens(ctx, who.Scope(), 0)
		if !who.Role.Holds(lifecycle.ManagePeople) {
			list, err = accounts.Tokens(ctx, who.Scope(), who.ID)
		}
		if err != nil {
			return ctx, err
		}
		for _, t := range list {
			if t.ID != id {
				continue
			}
			owner, err := accounts.Account(ctx, t.Owner)
			if err != nil {
				return ctx, err
			}
			if owner.ID == who.ID || owner.Scope().Within(who.Scope()) {
				return context.WithValue(context.WithValue(ctx, tokenKey{}, t), ownerKey{}, owner), nil
			}
		}
		return ctx, fault.New(fault.NotFound, "token %d is none of account %d", id, who.ID)
	}}
}

type ownerKey struct{}

func (a *API) tokens(ctx context.Context, me *Caller, in *struct {
	All     bool  `query:"all" doc:"Of all accounts that the administrator looks after"`
	Account int64 `query:"account" minimum:"0" doc:"Of one of them"`
}) (*body[[]Token], error) {
	owner := me.ID
	if in.All || in.Account != 0 && account.ID(in.Account) != me.ID {
		if !me.Role.Holds(lifecycle.ManagePeople) {
			return nil, fault.New(fault.Forbidden, "account %d asks for tokens of others", me.ID).
				Say("Чужие токены видит только администратор.").Mend("ask without all and account")
		}
		owner = account.ID(in.Account)
	}
	list, err := a.Cases().Accounts().Tokens(ctx, me.Scope(), owner)
	out := &body[[]Token]{[]Token{}}
	for k := range list {
		out.Body = append(out.Body, tokenOf(&list[k]))
	}
	return out, err
}

func tokenOf(t *account.Token) Token {
	return Token{ID: t.ID, Account: int64(t.Owner), Name: t.Name, CreatedAt: at(t.Created), ExpiresAt: at(t.Expires)}
}

func (a *API) makeToken(ctx context.Context, me *Caller, in *body[TokenBody]) (*body[NewToken], error) {
	b := in.Body
	if me.ByToken {
		return nil, fault.New(fault.Forbidden, "a token asks for a token").
			Say("Токен нельзя получить по токену: войдите в браузере.").Mend("POST /signin first and send its cookie")
	}
	name := strings.TrimSpace(b.Name)
	if name == "" {
		return nil, fault.New(fault.Invalid, "a token needs a name").At("name").Say("Напишите, для чего токен: по этому имени его потом узнают.")
	}
	owner := me.Account
	if b.Account != 0 && account.ID(b.Account) != me.ID {
		if !me.Role.Holds(lifecycle.ManagePeople) {
			return nil, fault.New(fault.Forbidden, "account %d makes a token for another", me.ID).At("account").
				Say("Выдать токен другому человеку может только администратор.")
		}
		var err error
		owner, err = a.Cases().Accounts().Account(ctx, account.ID(b.Account))
		if err != nil || !owner.Scope().Within(me.Scope()) {
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
			return nil, fault.New(fault.Invalid, "account %d is not here", b.Account).At("account").Say("Такой учётной записи нет.")
		}
	}
	if owner.Disabled {
		return nil, fault.New(fault.Invalid, "account %d is disabled", owner.ID).At("account").Say("Этой учётной записи закрыт вход.")
	}
	t := account.Token{Owner: owner.ID, Name: name, Created: a.Now().UTC(), Expires: a.Now().UTC().AddDate(0, 0, b.Days)}
	secret := secretPrefix + strings.ToLower(rand.Text())
	err := a.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
		if err := tx.Accounts().SaveToken(ctx, &t, secret); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: a.Now(), Who: me.ID, Deed: audit.Changed, Subject: fmt.Sprintf("token:%d", t.ID), Place: owner.Place})
	})
	if err != nil {
		return nil, err
	}
	return &body[NewToken]{NewToken{tokenOf(&t), secret}}, nil
}

func (a *API) endToken(ctx context.Context, me *Caller, _ *idInput) (*struct{}, error) {
	t, _ := ctx.Value(tokenKey{}).(account.Token)
	owner, _ := ctx.Value(ownerKey{}).(*account.Account)
	return nil, a.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
		if err := tx.Accounts().EndToken(ctx, t.ID); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: a.Now(), Who: me.ID, Deed: audit.Changed, Subject: fmt.Sprintf("token:%d", t.ID), Place: owner.Place})
	})
}
