package personal

import "regexp"

// spelledAt is an address whose sign is written as a word, as people do where a
// network hides addresses: «petr собака mail.ru», «ivan точка petrov (at) yandex точка ru».
// The part before the sign is Latin: «у соседей собака» is no address.
var spelledAt = regexp.MustCompile(`(?i)[a-z0-9][a-z0-9._%+-]*(?: ?(?:точка|dot) ?[a-z0-9._%+-]+)* ?(?:[(\[]? ?(?:собака|собачка|собачку|собаку) ?[)\]]?|[(\[] ?at ?[)\]]) ?` +
	`(?:[a-z0-9-]+(?: ?(?:\.| точка | dot ) ?[a-z0-9-]+)*(?: ?\. ?| (?:точка|dot) )(?:[a-z]{2,6}|ру|ком|рф)|(?:майл|мейл|маил|яндекс|рамблер|инбокс|гмайл|гмейл|джимейл)(?: ?\. ?| точка | )(?:ру|ком|ru|com))`)

// spelled is how far from the sign an address may reach, in bytes.
const spelled = 96

// spelledEmail notes an e-mail address around token i, which is its sign as a word.
// It returns whether it did.
func (f *finder) spelledEmail(i int) bool {
	switch f.norm(i) {
	case "собака", "собачка", "собачку", "собаку", "at":
	default:
		return false
	}
	t := f.tok[i]
	from, to := max(0, t.Start-spelled), min(len(f.src), t.End+spelled)
	for from > 0 && f.src[from]&0xC0 == 0x80 {
		from--
	}
	for to < len(f.src) && f.src[to]&0xC0 == 0x80 {
		to++
	}
	for _, m := range spelledAt.FindAllStringIndex(f.src[from:to], -1) {
		if start, end := from+m[0], from+m[1]; start < t.Start && end > t.End {
			f.add(start, end, Email)
			return true
		}
	}
	return false
}
