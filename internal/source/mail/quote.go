package mail

import (
	"regexp"
	"slices"
	"strings"
)

// forwarded begins a letter of somebody else that is the matter itself: it is never cut.
var forwarded = regexp.MustCompile(`(?i)^[>\s*_-]*(?:пересылаемое (?:сообщение|письмо)|пересланное (?:сообщение|письмо)|переадресованное сообщение|начало (?:переадресованного|пересланного|пересылаемого) сообщения|перенаправленное сообщение|forwarded message|begin forwarded message|forwarded mail)`)

// forwardSubject is what clients put before the subject of what is passed on.
var forwardSubject = regexp.MustCompile(`(?i)^\s*(?:fwd?|fw|пересл|перес|отпр)\s*:`)

var (
	original    = regexp.MustCompile(`(?i)^[>\s]*[-_—=]{2,}\s*(?:исходное (?:сообщение|письмо)|первоначальное сообщение|оригинальное сообщение|original message|reply message|ответ на сообщение)`)
	wrote       = regexp.MustCompile(`(?i)(?:пишет|писал|писала|написал|написала|wrote|writes|schrieb)(?:\(а\))?\s*:?\s*$`)
	clockOrDate = regexp.MustCompile(`\d{1,2}:\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\b20\d\d\b`)
	fromLine    = regexp.MustCompile(`(?i)^\s*\**(?:от|from|от кого|отправитель)\**\s*:\**\s*\S`)
	headLine    = regexp.MustCompile(`(?i)^\s*\**(?:отправлено|дата|кому|копия|тема|sent|date|to|cc|subject|важность|importance)\**\s*:`)
	rule        = regexp.MustCompile(`^\s*_{10,}\s*$`)
	gadget      = regexp.MustCompile(`(?i)^\s*(?:(?:отправлено|написано)\s+(?:с|со|из|через|при помощи|от)\s|sent\s+(?:from|via|with|using)\s|(?:получите|скачайте|get)\s+(?:outlook|почту|mail|яндекс|приложение)).{0,80}$`)
	device      = regexp.MustCompile(`(?i)почт[аыуе]? (?:mail|яндекс)|яндекс|mail|iphone|ipad|android|samsung|galaxy|huawei|honor|xiaomi|redmi|realme|poco|yandex|outlook|планшет|телефон|смартфон|устройств|myoffice|the bat|приложени`)
	byProgram   = regexp.MustCompile(`(?i)(?:<\S+@[^\s>]+>|\+\d\d:\d\d от .*|wrote|писал\(а\))\s*:\s*$`)
	closing     = regexp.MustCompile(`^\s*--\s*$`)
)

// signatureLines is how many lines a signature has at most: two dashes above more part a
// text.
const signatureLines = 8

// own returns what the writer of a letter says in it: without the letter that is answered
// and without the signature. What is passed on stays. A letter of which nothing is left is
// returned whole. answer says that it answers another one: what stands below the name of who
// wrote that is its text, also without marks.
func own(text string, passedOn, answer bool) string {
	lines := strings.Split(text, "\n")
	if passedOn {
		return strings.Join(lines, "\n")
	}
	var out []string
	quoting := false // in a quote whose writer was named above
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		isQuote := strings.HasPrefix(strings.TrimLeft(line, " "), ">")
		if strings.TrimSpace(line) != "" && !isQuote {
			quoting = false
		}
		switch {
		case forwarded.MatchString(line) && !quoting:
			for _, l := range lines[i:] {
				out = append(out, unquote(l))
			}
			return joined(out, text)
		case isQuote:
			continue
		case original.MatchString(line), rule.MatchString(line) && headBlock(lines, i+1), headBlock(lines, i):
			return joined(out, text)
		case attribution(lines, i):
			marked := quoteFollows(lines, i+1)
			if !marked && (!answer || !byProgram.MatchString(line) || strings.TrimSpace(strings.Join(out, "")) == "") { // people write so too
				break
			}
			if n := len(out); n > 0 && wrapped(lines, i) {
				out = out[:n-1]
			}
			if !marked {
				return joined(out, text)
			}
			quoting = true
			continue
		case closing.MatchString(line):
			if end := signatureEnd(lines, i+1); end > 0 {
				i = end - 1
				continue
			}
		case gadget.MatchString(line) && device.MatchString(line) && lastWords(lines, i+1):
			continue
		}
		out = append(out, line)
	}
	return joined(out, text)
}

func joined(out []string, whole string) string {
	s := strings.TrimSpace(strings.Join(out, "\n"))
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	if s == "" {
		return strings.TrimSpace(whole)
	}
	return s
}

// lastWords reports whether nothing of the writer's stands from line i on.
func lastWords(lines []string, i int) bool {
	for ; i < len(lines); i++ {
		l := strings.TrimSpace(lines[i])
		if l != "" && !gadget.MatchString(l) {
			return strings.HasPrefix(l, ">") || forwarded.MatchString(l) || original.MatchString(l) || rule.MatchString(l) || closing.MatchString(l) || headBlock(lines, i) || attribution(lines, i) || i+1 < len(lines) && attribution(lines, i+1)
		}
	}
	return true
}

func unquote(line string) string {
	for strings.HasPrefix(strings.TrimLeft(line, " "), ">") {
		line = strings.TrimPrefix(strings.TrimLeft(line, " ")[1:], " ")
	}
	return line
}

// attribution reports whether a line names who wrote what is quoted below.
func attribution(lines []string, i int) bool {
	line := strings.TrimSpace(lines[i])
	if len(line) > 300 || line == "" {
		return false
	}
	both := line
	if i > 0 {
		both = strings.TrimSpace(lines[i-1]) + " " + line
	}
	dated, addressed := clockOrDate.MatchString(both), strings.Contains(both, "@")
	if quoteFollows(lines, i+1) {
		return strings.HasSuffix(line, ":") && (dated || addressed) || wrote.MatchString(line)
	}
	return strings.HasSuffix(line, ":") && dated && addressed || wrote.MatchString(line) && strings.HasSuffix(line, ":") && dated && (addressed || strings.Contains(strings.ToLower(both), "wrote"))
}

// wrapped reports whether the attribution of line i began on the line before.
func wrapped(lines []string, i int) bool {
	if i == 0 {
		return false
	}
	line, before := strings.TrimSpace(lines[i]), strings.TrimSpace(lines[i-1])
	return !clockOrDate.MatchString(line) && clockOrDate.MatchString(before) && len(before) > 20 && !strings.HasSuffix(before, ".") && !strings.HasSuffix(before, "!") && !strings.HasSuffix(before, "?")
}

func quoteFollows(lines []string, i int) bool {
	for ; i < len(lines); i++ {
		if l := strings.TrimSpace(lines[i]); l != "" {
			return strings.HasPrefix(l, ">")
		}
	}
	return false
}

// headBlock reports whether a copy of a letter's head begins at a line: «От: … Отправлено:
// … Кому: …».
func headBlock(lines []string, i int) bool {
	for i < len(lines) && strings.TrimSpace(lines[i]) == "" {
		i++
	}
	if i >= len(lines) || !fromLine.MatchString(lines[i]) {
		return false
	}
	n := 0
	for _, l := range lines[i+1 : min(i+7, len(lines))] {
		if headLine.MatchString(l) {
			n++
		}
	}
	return n >= 2
}

// signatureEnd returns the line behind a signature that begins at i, 0 when it is none.
func signatureEnd(lines []string, i int) int {
	n := 0
	for k := i; k < len(lines); k++ {
		l := strings.TrimSpace(lines[k])
		switch {
		case strings.HasPrefix(l, ">"), forwarded.MatchString(l), original.MatchString(l), attribution(lines, k), fromLine.MatchString(l) && headBlock(lines, k), rule.MatchString(l):
			return k
		case l != "":
			if n++; n > signatureLines {
				return 0
			}
		}
	}
	return len(lines)
}

// flowed joins lines that were broken for the wire only (RFC 3676).
func flowed(text string, delete bool) string {
	var out []string
	open, depth := false, 0
	for _, line := range strings.Split(text, "\n") {
		d := 0
		for d < len(line) && line[d] == '>' {
			d++
		}
		body := strings.TrimPrefix(line[d:], " ")
		soft := strings.HasSuffix(body, " ") && body != "-- "
		if soft && delete {
			body = body[:len(body)-1]
		}
		if open && d == depth && body != "-- " {
			out[len(out)-1] += body
		} else {
			prefix := ""
			if d > 0 {
				prefix = strings.Repeat(">", d) + " "
			}
			out = append(out, prefix+body)
		}
		open, depth = soft, d
	}
	return strings.Join(out, "\n")
}

var subjectPrefix = regexp.MustCompile(`(?i)^\s*(?:(?:re|fwd?|fw|отв|ответ|ha|на|aw|пересл|перес)(?:\[\d+\])?\s*:\s*)+`)

// emptySubjects say nothing of the matter.
var emptySubjects = []string{"", "без темы", "(без темы)", "<без темы>", "no subject", "(no subject)", "обращение", "жалоба", "заявление", "вопрос", "письмо", "сообщение", "привет", "здравствуйте", "добрый день", "помогите", "прошу помощи", "help"}

// withSubject puts the subject before a text that lacks what it says.
func withSubject(subject, text string, answer bool) string {
	subject = strings.TrimSpace(ourNumber.ReplaceAllString(subjectPrefix.ReplaceAllString(subject, ""), ""))
	bare := strings.ToLower(strings.Trim(subject, " .!?…-«»\""))
	switch {
	case slices.Contains(emptySubjects, bare):
		return text
	case strings.TrimSpace(text) == "":
		return subject
	case answer:
		return text
	}
	in := strings.ToLower(text)
	missing := 0
	for _, w := range strings.FieldsFunc(bare, func(r rune) bool { return strings.ContainsRune(" ,.!?:;()«»\"-–—№", r) }) {
		stem := []rune(w)
		if len(stem) > 3 && !strings.Contains(in, string(stem[:max(4, len(stem)-3)])) || len(stem) <= 3 && strings.ContainsAny(w, "0123456789") && !strings.Contains(in, w) {
			missing++
		}
	}
	if missing == 0 {
		return text
	}
	if !strings.ContainsAny(subject[len(subject)-1:], ".!?") {
		subject += "."
	}
	return subject + "\n" + text
}
