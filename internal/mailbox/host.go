package mailbox

import "strings"

const mark = "xn--" // before a label that stands for another one

// Host returns the name of a host in the letters of ASCII; ok is false for what no host can
// be called. A number of IP is its own name.
func Host(name string) (wire string, ok bool) {
	labels := strings.Split(lower(name), ".")
	for k, l := range labels {
		if l == "" || l[0] == '-' || l[len(l)-1] == '-' {
			return "", false
		}
		if !ascii(l) {
			l = mark + encode([]rune(l))
		}
		if len(l) > longestLabel {
			return "", false
		}
		labels[k] = l
	}
	wire = strings.Join(labels, ".")
	return wire, len(wire) <= longestHost
}

// Shown returns the name of a host in the letters of its language. A label that stands for
// nothing, or for another one than it is written for, stays as it is.
func Shown(name string) string {
	labels := strings.Split(lower(name), ".")
	for k, l := range labels {
		code, ok := strings.CutPrefix(l, mark)
		if !ok {
			continue
		}
		runes, ok := decode(code)
		if word := string(runes); ok && !ascii(word) && lower(word) == word && strings.IndexFunc(word, func(r rune) bool { return !letter(r) && r != '-' }) < 0 && mark+encode(runes) == l {
			labels[k] = word
		}
	}
	return strings.Join(labels, ".")
}

// Numbers of RFC 3492, section 5.
const (
	base, least, most, skew, damp = 36, 1, 26, 38, 700

	firstRune, firstBias = 0x80, 72
)

const digits = "abcdefghijklmnopqrstuvwxyz0123456789"

// encode writes a label by RFC 3492, section 6.3: the letters of ASCII first, then for each
// other one, from the smallest, how far it is from the one before.
func encode(label []rune) string {
	var out []byte
	for _, r := range label {
		if r < firstRune {
			out = append(out, byte(r))
		}
	}
	plain := len(out)
	if plain > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(firstRune), 0, firstBias
	for done := plain; done < len(label); n++ {
		next := rune(1<<31 - 1)
		for _, r := range label {
			if r >= n {
				next = min(next, r)
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range label {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := threshold(k, bias)
				if q < t {
					break
				}
				out = append(out, digits[t+(q-t)%(base-t)])
				q = (q - t) / (base - t)
			}
			out = append(out, digits[q])
			bias = adapt(delta, done+1, done == plain)
			delta = 0
			done++
		}
		delta++
	}
	return string(out)
}

// decode reads what encode writes, section 6.2.
func decode(code string) (label []rune, ok bool) {
	if len(code) > longestLabel || !ascii(code) {
		return nil, false
	}
	if k := strings.LastIndexByte(code, '-'); k >= 0 {
		label, code = []rune(code[:k]), code[k+1:]
	}
	plain := len(label)
	n, at, bias := firstRune, 0, firstBias
	for i := 0; i < len(code); {
		before, weight := at, 1
		for k := base; ; k += base {
			if i == len(code) {
				return nil, false
			}
			digit := strings.IndexByte(digits, code[i])
			if i++; digit < 0 || digit > (1<<31-1-at)/weight {
				return nil, false
			}
			at += digit * weight
			t := threshold(k, bias)
			if digit < t {
				break
			}
			if weight *= base - t; weight > 1<<31 {
				return nil, false
			}
		}
		bias = adapt(at-before, len(label)+1, len(label) == plain)
		n += at / (len(label) + 1)
		if at %= len(label) + 1; n > 0x10ffff || n >= 0xd800 && n < 0xe000 {
			return nil, false
		}
		label = append(label[:at], append([]rune{rune(n)}, label[at:]...)...)
		at++
	}
	return label, true
}

func threshold(k, bias int) int { return min(max(k-bias, least), most) }

// adapt is section 6.1.
func adapt(delta, runes int, first bool) int {
	if first {
		delta /= damp
	} else {
		delta /= 2
	}
	delta += delta / runes
	k := 0
	for ; delta > (base-least)*most/2; k += base {
		delta /= base - least
	}
	return k + (base-least+1)*delta/(delta+skew)
}
