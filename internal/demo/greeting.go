package demo

import (
	"encoding/json"
	"fmt"
	"io"
)

// A User is one sign-in in the line of JSON.
type User struct {
	Name     string `json:"name"` // what is typed as login
	Password string `json:"password"`
	Person   string `json:"person"`
}

// A Line is the line of JSON that other programs read.
type Line struct {
	Address      string          `json:"address"`
	Users        map[string]User `json:"users"` // by role
	FakeNetworks []string        `json:"fake_networks"`
}

// Line returns what other programs want to know of the demo.
func (d *Demo) Line() Line {
	l := Line{Address: d.Address(), Users: map[string]User{}}
	for _, s := range signs {
		l.Users[string(s.role)] = User{Name: string(s.role), Password: Password, Person: s.name}
	}
	for _, n := range d.Networks {
		l.FakeNetworks = append(l.FakeNetworks, n.URL)
	}
	return l
}

// Greet tells a person, and before that a program if json is set, how to begin.
func (d *Demo) Greet(w io.Writer, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(w).Encode(d.Line()); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "\nОтклик: демо, Республика Хакасия. Люди, компании и сообщения вымышлены.\n\n")
	for _, n := range d.Notes {
		fmt.Fprintf(w, "  %s\n\n", n)
	}
	fmt.Fprintf(w, "  Рабочее место   %s/desk\n", d.Address())
	fmt.Fprintf(w, "  Для жителей     %s/\n", d.Address())
	fmt.Fprintf(w, "  Учебные сети    %s\n", d.networksURL())
	for _, n := range d.Networks {
		fmt.Fprintf(w, "                  %s  %s: «%s»\n", n.URL, n.Sort, n.Name)
	}
	fmt.Fprintf(w, "\nВход одной кнопкой на %s/signin, или логин и пароль «%s»:\n\n", d.Address(), Password)
	for _, s := range signs {
		fmt.Fprintf(w, "  %-12s %s: %s\n", s.role, s.name, s.about)
	}
	fmt.Fprintf(w, `
Три вещи, которые стоит попробовать:

  1. Войдите как operator и подождите полминуты: в очереди появится новое сообщение.
     Откройте его: видно, какие слова выдали тему и место. Ответьте.
  2. Перейдите по ссылке к ветке: ваш ответ уже стоит под комментарием. Напишите
     там комментарий от жителя, с адресом, и найдите его в очереди. То же — в Telegram
     и MAX; в Одноклассниках ответ вставляет человек, а программа его находит.
  3. Войдите как phone и заведите карточку по звонку: номер виден сразу.

Остановить: Ctrl-C.
`)
	return nil
}
