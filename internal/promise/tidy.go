package promise

import (
	"strings"

	"otklik/internal/russian"
)

// shortWords are words as people cut them, with a full stop or without.
var shortWords = map[string]string{"теч": "течение", "раб": "рабочих", "рабоч": "рабочих", "кал": "календарных", "календ": "календарных", "нед": "недель"}

// tidy returns the tokens as the grammar expects them: «2026г» parted, short words whole,
// «часа через два» in the usual order, a slip in the name of a month mended. Places in the
// source stay; the tokens given are not changed.
func tidy(in []russian.Token) []russian.Token {
	if !untidy(in) {
		return in
	}
	out := make([]russian.Token, 0, len(in)+4)
	for i := 0; i < len(in); i++ {
		t := in[i]
		prev := ""
		if len(out) > 0 {
			prev = out[len(out)-1].Norm
		}
		digits := len(t.Norm) - len(strings.TrimLeft(t.Norm, "0123456789"))
		switch tail := t.Norm[digits:]; {
		case t.Kind == russian.Mixed && digits > 0 && digits <= 4 && (tail == "г" || tail == "гг" || tail == "год" || tail == "года" || tail == "году"):
			out = append(out, piece(t, t.Norm[:digits], russian.Number, t.Start, t.Start+digits), piece(t, tail, russian.Word, t.Start+digits, t.End))
		case t.Kind == russian.Mixed && digits == 4 && (tail == "-м" || tail == "-го" || tail == "-й" || tail == "-ом" || tail == "-му"):
			out = append(out, piece(t, t.Norm[:digits], russian.Number, t.Start, t.Start+digits))
			if i+1 >= len(in) || unitWords[in[i+1].Norm] != years {
				out = append(out, piece(t, "году", russian.Word, t.Start+digits, t.End))
			}
		case (t.Norm == "втечение" || t.Norm == "втечении") && t.End-t.Start == len(t.Norm):
			out = append(out, piece(t, "в", russian.Word, t.Start, t.Start+len("в")), piece(t, "течение", russian.Word, t.Start+len("в"), t.End))
		case t.Kind == russian.Word && shortWords[t.Norm] != "" && (t.Norm != "нед" && t.Norm != "кал" || i+1 < len(in) && in[i+1].Norm == "."):
			if i+1 < len(in) && in[i+1].Norm == "." && in[i+1].Start == t.End {
				t.End = in[i+1].End
				i++
			}
			out = append(out, piece(t, shortWords[t.Norm], russian.Word, t.Start, t.End))
		case t.Kind == russian.Word && len(out) > 0 && isDay(out[len(out)-1]) && monthWords[t.Norm] == 0 && t.Any(russian.Guessed) && slip(t.Norm) != "":
			out = append(out, piece(t, slip(t.Norm), russian.Word, t.Start, t.End))
		case prev == "через" && amount(t) && len(out) > 1 && unitWords[out[len(out)-2].Norm] != noUnit && (i+1 >= len(in) || unitWords[in[i+1].Norm] == noUnit):
			out = turn(out, t, 1, 2, 0) // «часа через два»: через два часа
		case len(out) > 1 && out[len(out)-2].Norm == "через" && amount(t) && unitWords[prev] != noUnit && (i+1 >= len(in) || unitWords[in[i+1].Norm] == noUnit):
			out = turn(out, t, 0, 2, 1) // «через часа два»
		default:
			out = append(out, t)
		}
	}
	return out
}

// untidy reports whether a token may be in need of tidying.
func untidy(in []russian.Token) bool {
	for i := range in {
		switch t := &in[i]; t.Kind {
		case russian.Mixed:
			return true
		case russian.Word:
			switch t.Norm {
			case "теч", "раб", "рабоч", "кал", "календ", "нед", "втечение", "втечении", "через":
				return true
			}
			if i > 0 && isDay(in[i-1]) && t.Any(russian.Guessed) {
				return true
			}
		}
	}
	return false
}

// turn puts the last two tokens and t into another order; the places stay in theirs.
func turn(out []russian.Token, t russian.Token, order ...int) []russian.Token {
	from := len(out) - 2
	three := []russian.Token{out[from], out[from+1], t}
	out = out[:from]
	for k, n := range order {
		moved := three[n]
		moved.Start, moved.End = three[k].Start, three[k].End
		out = append(out, moved)
	}
	return out
}

// piece is a token of its own at a part of t's place.
func piece(t russian.Token, norm string, kind russian.Kind, start, end int) russian.Token {
	return russian.Token{Norm: norm, Kind: kind, Start: start, End: end, Shape: t.Shape}
}

func amount(t russian.Token) bool {
	return t.Kind == russian.Number || t.Kind == russian.Word && numbers[t.Norm] > 0
}

func isDay(t russian.Token) bool {
	return t.Kind == russian.Number && len(t.Norm) <= 2 || t.Kind == russian.Mixed && len(t.Norm) <= 8
}

// slip returns the month that the word is with one letter wrong, missing, too many or
// changed for its neighbour; "" for none.
func slip(word string) string {
	w := []rune(word)
	for m := range monthWords {
		r := []rune(m)
		if len(r) < 5 || r[len(r)-1] != 'я' && r[len(r)-1] != 'а' { // genitives: «25 декобря»
			continue
		}
		if oneOff(w, r) {
			return m
		}
	}
	return ""
}

func oneOff(a, b []rune) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}
