package watch

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/russian"
)

// A condition is asked of the message, not of a word in it: «длина>200»,
// «источник:vk», «территория:95701000», «автор:"Иван Петров"», «язык:русский»,
// «мат:да». It stands wherever a word may, but no query is made of conditions alone.
type condition struct {
	key    string // длина, источник, территория, автор, язык, мат
	sign   string // : < > <= >=; only длина has others than the colon
	value  string // as compared
	number int    // of длина, in characters
}

// conditionKeys are the words that begin a condition, English ones too.
var conditionKeys = map[string]string{
	"длина": "длина", "length": "длина", "источник": "источник", "source": "источник",
	"территория": "территория", "territory": "территория", "автор": "автор", "author": "автор",
	"язык": "язык", "language": "язык", "мат": "мат", "obscene": "мат",
}

// conditionValues are the names of values that people write, with what they mean.
var conditionValues = map[string]map[string]string{
	"язык": {"русский": "русский", "ru": "русский", "кириллица": "кириллица", "cyrillic": "кириллица", "латиница": "латиница", "latin": "латиница"},
	"мат":  {"да": "да", "yes": "да", "нет": "нет", "no": "нет"},
	"источник": {"вк": "vk", "вконтакте": "vk", "телеграм": "telegram", "тг": "telegram", "макс": "max", "одноклассники": "ok", "ок": "ok",
		"портал": "portal", "файл": "file", "телефон": "phone", "приём": "counter", "бумага": "paper"},
}

func (c *condition) String() string {
	value := c.value
	if strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		value = `"` + value + `"`
	}
	return c.key + c.sign + value
}

// cutCondition cuts «ключ:значение»; ok is false when text is no condition.
func cutCondition(text string) (c condition, value string, ok bool) {
	at := strings.IndexAny(text, ":<>")
	if at < 0 {
		return c, "", false
	}
	if c.key, ok = conditionKeys[strings.ToLower(text[:at])]; !ok {
		return c, "", false
	}
	n := 1
	if text[at] != ':' && strings.HasPrefix(text[at+1:], "=") {
		n = 2
	}
	c.sign = text[at : at+n]
	return c, text[at+n:], true
}

// condition reads a condition that begins at the word under the eye.
func (p *parser) condition() (*node, bool, error) {
	col := p.col
	c, value, ok := cutCondition(p.text)
	if !ok {
		return nil, false, nil
	}
	if value == "" && p.at < len(p.in) && sign(p.in[p.at]) == '"' {
		from := p.at + 1
		for p.at++; p.at < len(p.in) && sign(p.in[p.at]) != '"'; p.at++ {
		}
		if p.at == len(p.in) {
			return nil, true, wrong(from, "кавычка не закрыта.")
		}
		value = strings.TrimSpace(string(p.in[from:p.at]))
		p.at++
	}
	p.next()
	if value == "" {
		return nil, true, wrong(col, "после «%s%s» нет значения.", c.key, c.sign)
	}
	if c.key != "длина" && c.sign != ":" {
		return nil, true, wrong(col, "у условия «%s» значение пишут после двоеточия.", c.key)
	}
	c.value = strings.ToLower(value)
	switch c.key {
	case "длина":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || c.sign == ":" {
			return nil, true, wrong(col, "длину сравнивают с числом знаков: длина>200 или длина<50.")
		}
		c.number, c.value = n, strconv.Itoa(n)
	case "территория":
		digits := strings.IndexFunc(value, func(r rune) bool { return r < '0' || r > '9' }) < 0
		if !digits || len(value) != 8 && len(value) != 11 {
			return nil, true, wrong(col, "территорию пишут кодом ОКТМО: 8 цифр района или города, 11 цифр населённого пункта.")
		}
	case "язык", "мат":
		known := conditionValues[c.key]
		if c.value, ok = known[c.value]; !ok {
			words := "русский, кириллица или латиница"
			if c.key == "мат" {
				words = "да или нет"
			}
			return nil, true, wrong(col, "после «%s:» ждём %s.", c.key, words)
		}
	case "источник":
		if known, ok := conditionValues[c.key][c.value]; ok {
			c.value = known
		}
	}
	return &node{op: opCondition, when: &c}, true, nil
}

// holds asks the condition of a message.
func (c *condition) holds(t *russian.Text, of *Context) bool {
	switch c.key {
	case "длина":
		n := utf8.RuneCountInString(t.Source)
		switch c.sign {
		case ">":
			return n > c.number
		case "<":
			return n < c.number
		case ">=":
			return n >= c.number
		}
		return n <= c.number
	case "источник":
		return strings.ToLower(of.Source) == c.value
	case "территория":
		return slices.Contains([]string{of.Region, of.Municipality, of.Settlement}, c.value)
	case "автор":
		return strings.ToLower(of.Author) == c.value
	case "язык":
		return Language(t.Source) == c.value
	}
	obscene := slices.ContainsFunc(t.Tokens, func(t russian.Token) bool { return t.Obscene })
	return obscene == (c.value == "да")
}

// Language tells by the letters what a text is written in: "латиница" when most
// letters are Latin, "кириллица" when a letter is Cyrillic and no Russian one
// (Tatar, Khakas, Ukrainian), "русский" otherwise, and "" without letters. A
// text of another language in Russian letters alone counts as Russian.
func Language(text string) string {
	latin, cyrillic, foreign := 0, 0, 0
	for _, r := range text {
		switch {
		case r >= 'а' && r <= 'я' || r >= 'А' && r <= 'Я' || r == 'ё' || r == 'Ё':
			cyrillic++
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			latin++
		case r > 0x7f && unicode.Is(unicode.Cyrillic, r):
			foreign++
		}
	}
	switch {
	case latin+cyrillic+foreign == 0:
		return ""
	case latin > cyrillic+foreign:
		return "латиница"
	case foreign > 0:
		return "кириллица"
	}
	return "русский"
}
