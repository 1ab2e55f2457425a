package shield

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
)

// A Challenge is a task for the visitor's browser: find the number below maxnumber for which
// the SHA-256 of salt and number, in decimal, is the challenge. It is that of the first
// version of ALTCHA (altcha.org, "Server integration"), whose widget reads it too. The salt
// holds its own end ("?expires=" in seconds since 1970) and is closed by "&", so that digits
// of the number cannot pass for digits of the time (ALTCHA's advisory of December 2025).
type Challenge struct {
	Algorithm string `json:"algorithm"` // "SHA-256"
	Challenge string `json:"challenge"` // hex
	MaxNumber int    `json:"maxnumber"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"` // HMAC-SHA-256 of the challenge, hex
}

const (
	algorithm     = "SHA-256"
	challengeLife = 20 * time.Minute // a form is filled in meanwhile
	mostSolution  = 2 << 10          // bytes
)

// efforts are the numbers to try by level: on a cheap phone (about 300,000 hashes a second in
// plain JavaScript) a tenth of a second, half a second, three seconds on average.
var efforts = [...]int{50_000, 50_000, 300_000, 2_000_000}

// New challenges an address may ask for in a minute.
const mostAsked = 30

// Challenge returns a new task for a visitor, of the level that a first task has. It is
// Forbidden for an address that asks all the time.
func (s *Shield) Challenge(address string) (*Challenge, error) {
	now := s.now()
	if s.asked.add(now, s.key("address", network(address)), 1) > mostAsked {
		return nil, fault.New(fault.Forbidden, "too many challenges of one address").Say("Слишком много проверок подряд. Подождите минуту.")
	}
	c := s.challenge(now, 1)
	return &c, nil
}

func (s *Shield) challenge(now time.Time, level int) Challenge {
	most := efforts[level]
	n, _ := rand.Int(rand.Reader, big.NewInt(int64(most))) // it never fails
	var raw [12]byte
	_, _ = rand.Read(raw[:])
	c := Challenge{Algorithm: algorithm, MaxNumber: most, Salt: fmt.Sprintf("%x?expires=%d&level=%d&", raw, now.Add(challengeLife).Unix(), level)}
	c.Challenge = hashed(c.Salt, n.Int64())
	c.Signature = s.sign("altcha", c.Challenge)
	return c
}

func hashed(salt string, number int64) string {
	sum := sha256.Sum256([]byte(salt + strconv.FormatInt(number, 10)))
	return hex.EncodeToString(sum[:])
}

// sign signs words for a purpose: a challenge is no answer to a question.
func (s *Shield) sign(purpose, words string) string {
	m := hmac.New(sha256.New, s.secret)
	m.Write([]byte(purpose + "\x00" + words))
	return hex.EncodeToString(m.Sum(nil))
}

// A solution is what the widget sends: JSON in base64.
type solution struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	Number    int64  `json:"number"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
}

// solved reports whether the payload solves a challenge of ours of at least the level that
// has not ended and was not used before; it is used then.
func (s *Shield) solved(now time.Time, payload string, level int) bool {
	if payload == "" || len(payload) > mostSolution {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return false
	}
	var p solution
	if json.Unmarshal(raw, &p) != nil || p.Algorithm != algorithm || p.Number < 0 || p.Number > int64(efforts[len(efforts)-1]) {
		return false
	}
	_, query, ok := strings.Cut(p.Salt, "?")
	values, err := url.ParseQuery(strings.TrimSuffix(query, "&"))
	if err != nil || !ok || !strings.HasSuffix(p.Salt, "&") {
		return false
	}
	expires, err := strconv.ParseInt(values.Get("expires"), 10, 64)
	if err != nil || now.Unix() > expires {
		return false
	}
	of, err := strconv.Atoi(values.Get("level"))
	if err != nil || of < level {
		return false
	}
	return equal(hashed(p.Salt, p.Number), p.Challenge) && equal(s.sign("altcha", p.Challenge), p.Signature) && s.spend(now, p.Challenge)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// spend reports whether a challenge was not used before, and uses it.
func (s *Shield) spend(now time.Time, challenge string) bool {
	return s.spent.add(now, s.key("spent", challenge), 1) <= 1
}

// How a task was done.
const (
	notDone = iota
	doneByWord
	doneFully
)

func (s *Shield) task(now time.Time, a Attempt, level int) int {
	switch {
	case s.solved(now, a.Solved, level):
		return doneFully
	case s.answered(now, a.Question, a.Answer):
		return doneByWord
	}
	return notDone
}

func (s *Shield) ask(now time.Time, level int) *Ask {
	q, words := s.question(now)
	return &Ask{Challenge: s.challenge(now, level), Question: q, Asked: words,
		Say: "Сообщений сейчас приходит много, и мы хотим убедиться, что пишет человек. Всё, что вы написали, осталось в форме."}
}

var numbers = []string{"ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"}

// question returns a sum in words for those without JavaScript, and the signed field that
// names it: what the sum is, the field does not tell.
func (s *Shield) question(now time.Time) (field, words string) {
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	a, b := int(raw[0])%9+1, int(raw[1])%9+1
	named := hex.EncodeToString(raw[2:]) + "." + strconv.FormatInt(now.Add(challengeLife).Unix(), 10)
	field = named + "." + s.sign("question", named) + "." + s.sign("answer", named+"."+strconv.Itoa(a+b))
	return field, "Сколько будет " + numbers[a] + " плюс " + numbers[b] + "? Ответьте числом."
}

// answered reports whether the answer is right, in time, and the first to this question: a
// wrong one uses the question up, too.
func (s *Shield) answered(now time.Time, field, answer string) bool {
	parts := strings.Split(field, ".")
	answer = strings.Trim(answer, " .\t\u00a0")
	if len(parts) != 4 || len(field) > 300 || answer == "" || len(answer) > 40 {
		return false
	}
	named := parts[0] + "." + parts[1]
	if until, err := strconv.ParseInt(parts[1], 10, 64); err != nil || now.Unix() > until || !equal(s.sign("question", named), parts[2]) {
		return false
	}
	sum, err := strconv.Atoi(answer)
	if err != nil {
		sum = spelled(strings.ToLower(answer))
	}
	return s.spend(now, named) && equal(s.sign("answer", named+"."+strconv.Itoa(sum)), parts[3])
}

var teens = []string{"десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать"}

func spelled(word string) int {
	for n, w := range append(append([]string(nil), numbers...), teens...) {
		if w == word {
			return n
		}
	}
	return -1
}
