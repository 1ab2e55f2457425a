package roster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/webhook"
)

// Overlap is how long the secret before a new one is good.
const Overlap = 24 * time.Hour

// codeLimit is how long the short name of a sender may be.
const codeLimit = 40

// Senders returns the systems that push messages to us by the signed call.
func (r *Roster) Senders() []source.Sender {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.senders
}

// sendersOf returns those of the entries, by number.
func sendersOf(entries map[string]*entry) (list []source.Sender) {
	for id, e := range entries {
		if e.conn.Sender == nil || e.err != nil {
			continue
		}
		one := *e.conn.Sender
		one.Source, one.Number, one.Territory, one.Paused = id, e.source.Number, e.source.Territory, e.source.Paused
		list = append(list, one)
	}
	order.By(list, func(a, b source.Sender) int { return int(a.Number - b.Number) })
	return list
}

// Until says how long the secret before the one in force is still good; zero: there is none.
func (r *Roster) Until(id string) time.Time {
	if e := r.entry(id); e != nil && e.conn.Sender != nil && len(e.conn.Sender.Was) > 0 && r.Now().Before(e.conn.Sender.Until) {
		return e.conn.Sender.Until
	}
	return time.Time{}
}

// Refuse notes that a call of a sender was refused.
func (r *Roster) Refuse(id, sentence string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused == nil {
		r.refused = map[string]source.Refusal{}
	}
	r.refused[id] = source.Refusal{At: r.Now(), Sentence: sentence, Count: r.refused[id].Count + 1}
}

// Refused returns the last refused call of a sender; the zero Refusal for none.
func (r *Roster) Refused(id string) source.Refusal {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.refused[id]
}

// Connect keeps a new system that pushes messages to us. code is the short name that messages
// carry («portal» for hook:portal); without it one is made of the name. The secret by which it
// signs is returned, this once.
func (r *Roster) Connect(ctx context.Context, who account.Actor, s *source.Source, code string) (secret string, err error) {
	s.Kind, s.Channel, s.Version, s.Number, s.Own, s.Every, s.Answer, s.URL = source.Hook, message.Hook, 0, 0, false, 0, "", ""
	if code = strings.TrimSpace(code); code == "" {
		code = Code(s.Name)
	}
	if s.ID = string(source.Hook) + ":" + code; s.Name != "" && !isCode(code) {
		return "", fault.New(fault.Invalid, "the code of a sender is wrong").At("code").
			Say(fmt.Sprintf("Короткое имя пишут маленькими латинскими буквами, цифрами и дефисом, до %d знаков: portal.", codeLimit))
	}
	if err := r.check(who, s); err != nil {
		return "", err
	}
	if _, known := r.Of(s.ID); known {
		return "", fault.New(fault.Conflict, "source %s is kept already", s.ID).At("code").Say("Система с коротким именем " + code + " уже подключена. Выберите другое.")
	}
	secret = webhook.NewSecret()
	k := source.Key{Name: s.ID, Kind: source.Hook, Secret: secret, Sealed: r.Box.Seal(s.ID, secret), AddedAt: r.Now(), Place: s.Place}
	if _, err := r.Kinds[source.Hook].Open(*s, k, source.Key{}); err != nil {
		return "", err
	}
	s.Key, s.AddedAt = k.Name, r.Now()
	err = r.change(ctx, who, "source:"+s.ID, s.Place, func(tx incident.Tx) error {
		if err := tx.Sources().SaveSource(ctx, s); err != nil {
			return err
		}
		return tx.Sources().SaveKey(ctx, &k)
	})
	if err != nil {
		return "", err
	}
	return secret, r.Load(ctx)
}

// Rotate gives a sender a new secret and returns it, this once. The one before is good for a
// day, unless now says that it ends at once.
func (r *Roster) Rotate(ctx context.Context, who account.Actor, number int64, now bool) (secret string, err error) {
	secret = webhook.NewSecret()
	err = r.one(ctx, who, number, func(tx incident.Tx, s *source.Source) error {
		if s.Kind != source.Hook {
			return fault.New(fault.Conflict, "source %s has no secret of ours", s.ID).Say("У этого источника нет секрета, который выдаём мы.")
		}
		if err := changeable(s); err != nil {
			return err
		}
		keys, err := tx.Sources().Keys(ctx, scope.All())
		if err != nil {
			return err
		}
		at := slices.IndexFunc(keys, func(k source.Key) bool { return k.Name == s.Key })
		if at < 0 {
			return fault.New(fault.NotFound, "no key %q", s.Key).Say("Секрета этой системы нет. Уберите её и подключите заново.")
		}
		k := keys[at]
		k.Was, k.Until = k.Sealed, r.Now().Add(Overlap)
		if now {
			k.Was, k.Until = nil, time.Time{}
		}
		k.Sealed, k.AddedAt = r.Box.Seal(k.Name, secret), r.Now()
		if err := tx.Sources().SaveKey(ctx, &k); err != nil {
			return err
		}
		return tx.Sources().SaveSource(ctx, s) // the next version: other processes see that something changed
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// dropKey forgets the secret of a sender that is removed.
func dropKey(ctx context.Context, tx incident.Tx, s *source.Source) error {
	if s.Kind != source.Hook || s.Key == "" {
		return nil
	}
	keys, err := tx.Sources().Keys(ctx, scope.All())
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.Name == s.Key && k.Kind == source.Hook {
			return tx.Sources().RemoveKey(ctx, k.Number)
		}
	}
	return nil
}

func isCode(s string) bool {
	return s != "" && len(s) <= codeLimit && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	})
}

var latin = strings.NewReplacer("а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "e", "ж", "zh", "з", "z", "и", "i", "й", "y", "к", "k", "л", "l", "м", "m", "н", "n",
	"о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "h", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "sch", "ъ", "", "ы", "y", "ь", "", "э", "e", "ю", "yu", "я", "ya")

// Code makes a short name of a name: «Портал города» is portal-goroda.
func Code(name string) string {
	words := strings.FieldsFunc(latin.Replace(strings.ToLower(name)), func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	code := strings.Join(words, "-")
	return strings.Trim(code[:min(len(code), codeLimit)], "-")
}
