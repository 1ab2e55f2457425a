package archtest

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ranks says how high each package stands; imports point down or sideways only.
// A package below a named one (notify/mail) stands as high as that, unless it is named itself.
// «source/» names the connectors below the contract.
var ranks = map[string]int{
	"fault": 0, "russian": 0, "topic": 0, "place": 0, "calendar": 0, "lifecycle": 0, "scope": 0, "order": 0, "render": 0, "mailbox": 0,
	"agency": 1, "applicant": 1, "regime": 1, "message": 1, "incident": 1, "problem": 1, "reply": 1, "account": 1, "audit": 1, "standing": 1, "lesson": 1, "promise": 1,
	"feedback": 1, "call": 1, "team": 1, "checklist": 1, "shift": 1, "template": 1, "precedent": 1, "notice": 1, "attachment": 1, "source": 1, "webhook": 1, "talk": 1, "neighbour": 1,
	"watch": 2, "kind": 2, "locate": 2, "classify": 2, "cluster": 2, "personal": 2, "lint": 2, "measure": 2, "trend": 2, "reading": 2, "clarify": 2,
	"followup": 2, "picture": 2, "mapping": 2, "publicface": 2,
	"source/": 3, "botapi": 3, "stream": 3, "ingest": 3, "gazetteer": 3, "lookout": 3, "desk": 3, "outbox": 3, "dialogue": 3, "notify": 3, "store": 3, "live": 3, "teach": 3, "assistant": 3, "vault": 3, "fetch": 3, "seal": 3, "roster": 3, "mailer": 3, "sheet": 3, "letter": 3, "table": 3, "herald": 3, "envoy": 3, "courier": 3, "upload": 3, "shield": 3, "sms": 3,
	"site": 4, "staff": 4, "portal": 4, "api": 4, "georeport": 4,
	"config": 5, "command": 5, "demo": 5, "app": 5, "archtest": 5, "browsertest": 5, "bench": 5,
}

// never says what a package must not import although its rank would allow it.
var never = map[string][]string{
	"store":    {"ingest", "desk", "outbox", "gazetteer"},
	"ingest":   {"source/vk", "source/file", "store"},
	"desk":     {"store", "ingest", "source"},
	"outbox":   {"store", "source/vk"},
	"notify":   {"store", "desk", "outbox", "source"},
	"dialogue": {"store", "outbox"},
	"lookout":  {"store", "reading", "ingest", "desk"},
	"roster":   {"store", "ingest", "desk"},
	"upload":   {"store", "desk", "vault", "shield"},
	"shield":   {"store", "desk", "incident"},
	"staff":    {"store", "portal", "api"},
	"portal":   {"store", "staff", "api"},
	"api":      {"store", "staff", "portal"},

	"georeport": {"store", "staff", "portal", "api"},
}

// pure says up to which rank packages hold rules: no clock, no I/O, no logger.
const pure = 2

type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	GoFiles      []string
	Dir          string
	Doc          string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,GoFiles,Dir,Doc", "otklik/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func internal(path string) (string, bool) { return strings.CutPrefix(path, "otklik/internal/") }

func rankOf(name string) (int, bool) {
	top, _, below := strings.Cut(name, "/")
	if r, ok := ranks[top+"/"]; ok && below {
		return r, true
	}
	r, ok := ranks[top]
	return r, ok
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		name, ok := internal(p.ImportPath)
		if !ok {
			continue
		}
		mine, ok := rankOf(name)
		if !ok {
			t.Errorf("%s has no rank; give it one here and a line in ARCHITECTURE.md", name)
			continue
		}
		top, _, _ := strings.Cut(name, "/")
		for _, i := range p.Imports {
			other, ok := internal(i)
			if !ok {
				continue
			}
			if r, _ := rankOf(other); r > mine {
				t.Errorf("%s (rank %d) imports %s (rank %d)", name, mine, other, r)
			}
			otherTop, _, _ := strings.Cut(other, "/")
			for _, no := range never[top] {
				if otherTop != top && (other == no || otherTop == no) {
					t.Errorf("%s must not import %s", name, other)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// TestNoHiddenStart: set-up is one straight line in app, never an init function.
func TestNoHiddenStart(t *testing.T) {
	t.Parallel()
	each(t, func(path string, f *ast.File) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" && !strings.HasSuffix(path, "_test.go") {
				t.Errorf("%s has an init function", path)
			}
		}
	})
}

// TestRulesReadNoClock: now is an argument in rules.
func TestRulesReadNoClock(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`\b(time\.Now|time\.Since|os\.Open|os\.ReadFile|slog\.|http\.)`)
	for name, rank := range ranks {
		if rank > pure {
			continue
		}
		files, err := filepath.Glob(filepath.Join("..", name, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for n, line := range strings.Split(string(b), "\n") {
				code, _, _ := strings.Cut(line, "//")
				if m := forbidden.FindString(code); m != "" {
					t.Errorf("%s:%d: a rule uses %s", path, n+1, m)
				}
			}
		}
	}
}

// TestDependenciesAreListed: the direct dependencies of go.mod and the first
// column of docs/dependencies.md are the same.
func TestDependenciesAreListed(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(mod), -1) {
		have = append(have, m[1])
	}
	doc, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(doc), -1) {
		if strings.Contains(m[1], ".") && strings.Contains(m[1], "/") && !strings.HasPrefix(m[1], "npm:") {
			listed = append(listed, m[1])
		}
	}
	slices.Sort(have)
	slices.Sort(listed)
	if !slices.Equal(have, listed) {
		t.Errorf("direct dependencies:\n  go.mod               %v\n  docs/dependencies.md %v", have, listed)
	}
}

// TestNothingForeignIsNamed: no path of a developer's machine stands in the tree.
func TestNothingForeignIsNamed(t *testing.T) {
	t.Parallel()
	path := regexp.MustCompile(`(^|[\s"'=(])/(work|root|home)/[a-z]`)
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "assets" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || !slices.Contains([]string{".go", ".md", ".sh", ".yml", ".json", ".txtar", ".templ"}, filepath.Ext(name)):
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for n, line := range strings.Split(string(b), "\n") {
			if path.MatchString(line) {
				t.Errorf("%s:%d names a path of one machine", name, n+1)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func each(t *testing.T, visit func(path string, f *ast.File)) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(path, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
