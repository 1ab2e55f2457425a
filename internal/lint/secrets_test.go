package lint

import "testing"

// The word that stands right before a number says whose it is, before «ваш» elsewhere in
// the sentence does; somebody who will be rung is rung on his own number.
func TestWhoseNumberItIs(t *testing.T) {
	t.Parallel()
	l, a := linter(t)
	for text, want := range map[string]bool{
		"По вашему адресу отопление дадут 27 ноября, телефон диспетчерской 8 (3902) 22-00-11.": false,
		"По вашему вопросу звоните в аварийную службу: 8 (3902) 22-00-11.":                     false,
		"Вам нужно позвонить в диспетчерскую по номеру 8 (3902) 22-00-11.":                     false,
		"Вам позвонят по номеру 8 (913) 000-55-66.":                                            true,
		"Мы свяжемся с вами по телефону 8 (3902) 22-00-11.":                                    true,
		"Ваш телефон 8 (913) 000-55-66 передали диспетчеру.":                                   true,
	} {
		secrets := l.Secrets(a.Read(text))
		if got := len(secrets) > 0; got != want {
			t.Errorf("Secrets(%q) = %+v, want any: %v", text, secrets, want)
		}
	}
}
