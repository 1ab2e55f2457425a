package gazetteer

import (
	"strings"

	"otklik/internal/place"
)

// inflect returns the case forms of a place name's word by its ending. It is
// used for words that the dictionary lacks, only to learn what the analyzer
// makes of them, so a form too many costs nothing but a key.
func inflect(word string) []string {
	for _, p := range paradigms {
		stem, ok := strings.CutSuffix(word, p.ending)
		if short := len(stem) < 2*2 || p.ending == "" && len(stem) < 2*3; !ok || short { // two letters, three
			continue
		}
		forms := make([]string, 0, len(p.forms))
		for _, f := range p.forms {
			forms = append(forms, stem+f)
		}
		return forms
	}
	return nil
}

// paradigms are tried in order, longer endings first. The declension tables are
// those of school grammar; place names in -ово, -ино decline here, as residents
// write both «в Иваново» and «в Иванове».
var paradigms = []struct {
	ending string
	forms  []string
}{
	{"кий", []string{"кого", "кому", "ким", "ком"}},
	{"ий", []string{"его", "ему", "им", "ем"}},
	{"ый", []string{"ого", "ому", "ым", "ом"}},
	{"ой", []string{"ого", "ому", "ым", "ом"}},
	{"кая", []string{"кой", "кую"}},
	{"кое", []string{"кого", "кому", "ким", "ком"}},
	{"ая", []string{"ой", "ую"}},
	{"яя", []string{"ей", "юю"}},
	{"ое", []string{"ого", "ому", "ым", "ом"}},
	{"ее", []string{"его", "ему", "им", "ем"}},
	{"ые", []string{"ых", "ым", "ыми"}},
	{"ие", []string{"их", "им", "ими"}},
	{"ия", []string{"ии", "ию", "ией"}},
	{"га", []string{"ги", "ге", "гу", "гой"}},
	{"ка", []string{"ки", "ке", "ку", "кой"}},
	{"ха", []string{"хи", "хе", "ху", "хой"}},
	{"жа", []string{"жи", "же", "жу", "жей"}},
	{"ша", []string{"ши", "ше", "шу", "шей"}},
	{"ча", []string{"чи", "че", "чу", "чей"}},
	{"а", []string{"ы", "е", "у", "ой"}},
	{"я", []string{"и", "е", "ю", "ей"}},
	{"ово", []string{"ова", "ову", "овом", "ове"}},
	{"ево", []string{"ева", "еву", "евом", "еве"}},
	{"ино", []string{"ина", "ину", "ином", "ине"}},
	{"о", []string{"а", "у", "ом", "е"}},
	{"е", []string{"я", "ю", "ем"}},
	{"ы", []string{"", "ов", "ам", "ами", "ах"}},
	{"ки", []string{"ков", "кам", "ками", "ках"}},
	{"ги", []string{"гов", "гам", "гами", "гах"}},
	{"хи", []string{"хов", "хам", "хами", "хах"}},
	{"жи", []string{"жей", "жам", "жами", "жах"}},
	{"ши", []string{"шей", "шам", "шами", "шах"}},
	{"чи", []string{"чей", "чам", "чами", "чах"}},
	{"щи", []string{"щей", "щам", "щами", "щах"}},
	{"и", []string{"ей", "ям", "ями", "ях"}},
	{"ь", []string{"и", "ью", "я", "ю", "ем", "е"}},
	{"й", []string{"я", "ю", "ем", "е"}},
	{"", []string{"а", "у", "ом", "е"}},
}

// adjectives returns the likely adjectives of a city's name, in the masculine
// nominative: «Абакан» → «абаканский», «Калуга» → «калужский». Irregular ones
// stand in aliases.tsv.
func adjectives(name string) []string {
	word := place.Fold(name)
	if strings.Contains(word, " ") || strings.Contains(word, "-на-") || len([]rune(word)) < 3 {
		return nil
	}
	switch {
	case strings.HasSuffix(word, "ск"), strings.HasSuffix(word, "цк"):
		return []string{word + "ий"}
	case strings.HasSuffix(word, "ий"), strings.HasSuffix(word, "ый"), strings.HasSuffix(word, "ой"),
		strings.HasSuffix(word, "ая"), strings.HasSuffix(word, "ое"):
		return nil // an adjective already
	}
	for _, r := range adjectiveEndings {
		if stem, ok := strings.CutSuffix(word, r.ending); ok {
			return []string{stem + r.put}
		}
	}
	return nil
}

// adjectiveEndings are tried in order: what a name ends in, and what its
// adjective puts there.
var adjectiveEndings = []struct{ ending, put string }{
	{"ец", "ецкий"}, {"цы", "цкий"}, {"ия", "ийский"}, {"ея", "ейский"}, {"уя", "уйский"},
	{"ово", "овский"}, {"ево", "евский"}, {"ёво", "евский"}, {"ино", "инский"}, {"ыно", "ынский"},
	{"ка", "ский"}, {"га", "жский"}, {"та", "тинский"}, {"ха", "хинский"}, {"ша", "шинский"}, {"ча", "чинский"}, {"ща", "щинский"}, {"ба", "бинский"},
	{"лы", "льский"}, {"ла", "льский"}, {"ль", "льский"}, {"ло", "льский"}, {"л", "льский"},
	{"ж", "жский"}, {"ь", "ский"}, {"а", "ский"}, {"ы", "ский"}, {"и", "ский"}, {"о", "ский"}, {"я", "ский"}, {"й", "йский"}, {"", "ский"},
}
