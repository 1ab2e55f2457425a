package russian

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// checkText proves what every text must keep: tokens in order, apart, within
// the source, none empty, blanks only between them, words with readings.
func checkText(t interface {
	Helper()
	Fatalf(string, ...any)
}, text *Text) {
	t.Helper()
	at := 0
	for i := range text.Tokens {
		tok := &text.Tokens[i]
		if tok.Start < at || tok.End <= tok.Start || tok.End > len(text.Source) {
			t.Fatalf("token %d at [%d:%d] behind %d in %d bytes", i, tok.Start, tok.End, at, len(text.Source))
		}
		if gap := text.Source[at:tok.Start]; strings.ContainsAny(gap, "абвяАЯabzAZ0189.,!") {
			t.Fatalf("letters are left out before token %d", i)
		}
		if tok.Norm == "" || !utf8.ValidString(tok.Norm) {
			t.Fatalf("token %d has norm %q", i, tok.Norm)
		}
		if tok.Kind == Word && (len(tok.Forms) == 0 || len(tok.Lemmas()) == 0) {
			t.Fatalf("word %d has no reading", i)
		}
		if tok.Kind != Symbol && tok.Kind != Punct && tok.Norm != strings.ToLower(tok.Norm) {
			t.Fatalf("norm %q is not in lower case", tok.Norm)
		}
		for j := range tok.Forms {
			if f := tok.Forms[j]; f.Lemma == "" || f.Score < 0 || f.Score > 1.001 || j > 0 && f.Score > tok.Forms[j-1].Score {
				t.Fatalf("reading %d of token %d is %+v", j, i, f)
			}
		}
		at = tok.End
	}
	if strings.ContainsAny(text.Source[at:], "абвяАЯabzAZ0189.,!") {
		t.Fatalf("letters are left out behind the last token")
	}
	for _, s := range text.Sentences() {
		if s.End <= s.Start {
			t.Fatalf("empty sentence %v", s)
		}
	}
}

// pieces of texts that meet the scanner's rules when put together.
var textPieces = []string{"яма", "Ё", "хуй", "б", "-", "‑", "—", "*", "@", "#", ".", "..", "/", "16", "а", "a", "x", "ул.", "'", "’", "ʼ", "http://",
	"www.", "vk.com", ".рф", "[id1|", "\u0301", "\u0306", "\u00ad", "\u200b", "😀", "🏽", "\u200d", "🇷", "\xff", "\xd0", "\xd1\x80", " ", "\n", "Қ", "i", "_", "№", "и"}

func TestTokensReproduceTheText(t *testing.T) {
	t.Parallel()
	a := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		var text string
		if rapid.Bool().Draw(rt, "pieces") {
			text = strings.Join(rapid.SliceOfN(rapid.SampledFrom(textPieces), 0, 24).Draw(rt, "text"), "")
		} else {
			text = string(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(rt, "bytes"))
		}
		checkText(rt, a.Read(text))
	})
}

func FuzzRead(f *testing.F) {
	for _, p := range textPieces {
		f.Add(p + "яма" + p)
	}
	f.Add("По ул.Ленина,16а х**ня [id1|А] #тег@x ivan@mail.ru п..ц х у й ули-ца")
	a := open(f)
	f.Fuzz(func(t *testing.T, text string) {
		checkText(t, a.Read(text))
		a.Query(text)
		a.Word(text)
		a.Read(text).Obscene()
		a.Read(text).Index()
	})
}

func FuzzParseDictionary(f *testing.F) {
	f.Add([]byte(dictionaryFile()[:4096]))
	f.Add([]byte("otklem03\x01\x00\x00\x00words   \x00\x00\x00\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := parseDictionary(string(file))
		if err != nil {
			return
		}
		d.read(new(slab), keyOf("стали"), "стали")
		d.guess(new(slab), keyOf("стали"), "стали")
	})
}

// TestReadIsTheSameFromManyGoroutines reads with an empty cache from several
// goroutines at once and compares with one that reads alone.
func TestReadIsTheSameFromManyGoroutines(t *testing.T) {
	t.Parallel()
	d, err := openDictionary()
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]string, 300)
	for i := range texts {
		texts[i] = strings.Join(textPieces[i%len(textPieces):], " ") + " дороги стали мыла электросамокатами"
	}
	read := func(a *Analyzer) []string {
		var out []string
		var text Text
		for _, s := range texts {
			a.ReadInto(&text, s)
			out = append(out, text.Index())
		}
		return out
	}
	want := read(&Analyzer{dictionary: d, cache: newCache()})
	shared := &Analyzer{dictionary: d, cache: newCache()}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if diff := cmp.Diff(want, read(shared)); diff != "" {
				t.Errorf("a shared analyzer reads differently (-alone +shared):\n%s", diff)
			}
		})
	}
	wg.Wait()
}

func TestReadIntoAllocatesNothingForKnownWords(t *testing.T) {
	a := open(t)
	text := "На улице Ленина, 16а, яма! Уберите, пожалуйста: 25 сентября… #дороги 😀 ул. Мира 33/2."
	var into Text
	a.ReadInto(&into, text)
	if n := testing.AllocsPerRun(100, func() { a.ReadInto(&into, text) }); n > 0 {
		t.Errorf("ReadInto allocates %v times a text, want 0", n)
	}
}

// TestHostileTextsTakeLinearTime reads texts of 300 KB that tempt the
// scanner to look ahead or back again and again.
func TestHostileTextsTakeLinearTime(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, piece := range []string{"а", "а-", "a.", "a_", "а*", "*", ".", "..а", "1/", "5-", "#", "@a", "[id1", "а\u0301", "\u0301", "х ", "а.", "a@", "\xd0",
		"1-аб", "http://", "ʼ", "ab-", "😀\u200d", "а'", "____а", "а..", "е*"} {
		text := strings.Repeat(piece, 300_000/len(piece))
		begin := time.Now()
		checkText(t, a.Read(text))
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("300 KB of %q took %v", piece, took)
		}
	}
}

func TestOneWordOfAMegabyte(t *testing.T) {
	t.Parallel()
	a := open(t)
	text := a.Read(strings.Repeat("дорога", 100_000))
	if len(text.Tokens) != 1 || !text.Tokens[0].Forms[0].Gram.Has(Guessed) {
		t.Errorf("a word of a megabyte has %d tokens", len(text.Tokens))
	}
}
