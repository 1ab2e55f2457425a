package staff

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/site"
)

// AsidePage lists what intake could not take.
type AsidePage struct {
	Chrome
	Rows   []AsideRow
	Replay bool // there is a way to put a record through again
	More   bool
}

// An AsideRow is one record that was set aside. It shows no words of residents.
type AsideRow struct {
	ID                       int64
	Source, Where, Why, Next string
	Error                    string // for engineers, in a fold
	When                     string
}

// asideReasons say what happened and what to do.
var asideReasons = map[string][2]string{
	"unreadable":   {"Запись не читается", "Она оборвана или испорчена. Получите её у источника заново и загрузите ещё раз."},
	"too_large":    {"Слишком большая запись", "Разделите её или сократите и загрузите снова."},
	"failed":       {"Не удалось сохранить", "Сообщение цело. Проверьте место на диске и базу данных, затем нажмите «Повторить»."},
	"no_message":   {"В записи нет сообщения", "Проверьте, тот ли это файл: нужны поля id и text."},
	"no_text":      {"В записи нет текста", "Разбирать нечего. Если текст был, загрузите запись заново."},
	"bad_encoding": {"Испорченная кодировка", "Сохраните файл в UTF-8 и загрузите снова."},
}

const asideRows = 200

func (s *Staff) aside(w http.ResponseWriter, r *http.Request) error {
	me, now := who(r), s.Now()
	list, err := s.Cases().Intake().Aside(r.Context(), me.Scope(), asideRows+1)
	if err != nil {
		return err
	}
	states, err := s.Cases().Intake().Sources(r.Context(), me.Scope())
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, st := range states {
		names[st.ID] = st.Name
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	p := &AsidePage{Chrome: s.chrome(w, r, "aside"), Replay: s.Replay != nil, More: len(list) > asideRows}
	for _, a := range list[:min(len(list), asideRows)] {
		row := AsideRow{ID: a.ID, Source: sourceName(names, a.Source), Error: strings.TrimSpace(a.Source + ": " + a.Error), When: site.DateTime(a.At, now, zone)}
		words, ok := asideReasons[a.Reason]
		if !ok {
			words = [2]string{"Запись не принята", "Нажмите «Повторить». Если не поможет, покажите подробности администратору."}
		}
		row.Why, row.Next = words[0], words[1]
		switch {
		case a.Line > 0:
			row.Where = "строка " + strconv.Itoa(a.Line)
		case a.Native != "":
			row.Where = "запись " + a.Native
		}
		p.Rows = append(p.Rows, row)
	}
	return s.page(w, r, http.StatusOK, "Отложенное", Aside(p))
}

// sourceName returns what people call a source: its name, else where it is.
func sourceName(names map[string]string, id string) string {
	if name := names[id]; name != "" {
		return name
	}
	kind, rest, _ := strings.Cut(id, ":")
	switch kind {
	case "file":
		return "файл " + rest
	case "telegram":
		return "канал в Телеграме"
	case "vk":
		return "стена ВКонтакте"
	case "hook":
		return "внешняя программа"
	}
	return id
}

// asideResource is the resource of a record that was set aside.
func (s *Staff) asideResource() *site.Resource {
	return &site.Resource{Name: "aside", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		list, err := s.Cases().Intake().Aside(ctx, a.Scope(), 10_000)
		if err != nil {
			return ctx, err
		}
		for _, rec := range list {
			if rec.ID == id {
				return ctx, nil
			}
		}
		return ctx, fault.New(fault.NotFound, "set-aside record %d", id)
	}}
}

func (s *Staff) replay(w http.ResponseWriter, r *http.Request) error {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if s.Replay == nil {
		return fault.New(fault.Unavailable, "no replay is connected").Say("Повтор записей сейчас не подключён.")
	}
	err := s.Replay(r.Context(), who(r).Actor(), id)
	switch fault.KindOf(err) {
	case "":
		say(w, Said{Good: "Запись прошла разбор и убрана из отложенного."})
	case fault.Internal, fault.NotFound:
		return err
	default:
		sentence := fault.Sentence(err)
		if sentence == "" {
			sentence = "Запись снова не прошла разбор и осталась здесь."
		}
		say(w, Said{Bad: sentence})
	}
	http.Redirect(w, r, "/desk/aside", http.StatusSeeOther)
	return nil
}
