package command

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// width is that of a terminal which nobody made wider.
const width = 80

// A page is the text of --help.
type page struct{ strings.Builder }

// write writes the help of a command or a group.
func (n *node) write(p Program) error {
	var b page
	called := strings.TrimSpace(p.Name + " " + n.path())
	fmt.Fprintf(&b, "Usage: %s%s\n\n%s\n", called, n.usage(), n.help)
	if h, ok := n.value.Interface().(interface{ Help() string }); ok && n.up != nil {
		b.WriteByte('\n')
		b.prose(h.Help())
	}
	if n.args != nil {
		var rows [][2]string
		for _, a := range n.args {
			rows = append(rows, [2]string{a.shownArg(), a.help})
		}
		b.WriteString("\nArguments:\n")
		b.table(rows)
	}
	rows := [][2]string{{"-h, --help", "Show context-sensitive help."}}
	if p.Version != "" {
		rows = append(rows, [2]string{"    --version", "Print the version."})
	}
	if n.flags != nil {
		rows = append(rows, [2]string{})
	}
	for _, f := range n.flags {
		rows = append(rows, [2]string{"    " + f.shown(), f.help})
	}
	b.WriteString("\nFlags:\n")
	b.table(rows)
	if n.kids != nil {
		rows = nil
		for _, k := range n.leaves() {
			rows = append(rows, [2]string{k.path(), k.help})
		}
		b.WriteString("\nCommands:\n")
		b.table(rows)
	}
	if n.up == nil {
		fmt.Fprintf(&b, "\nRun \"%s <command> --help\" for more information on a command.\n", p.Name)
	}
	_, err := io.WriteString(p.Out, b.String())
	return err
}

// usage is what follows the command: the flags that must be given, arguments.
func (n *node) usage() string {
	if n.kids != nil {
		return " <command> [flags]"
	}
	var b strings.Builder
	for _, f := range n.flags {
		if f.required {
			b.WriteString(" " + f.shown())
		}
	}
	for _, a := range n.args {
		b.WriteString(" " + a.shownArg())
	}
	return b.String() + " [flags]"
}

// prose writes paragraphs anew to the width, and indented lines as they stand.
func (p *page) prose(text string) {
	var words []string
	flush := func() {
		if words != nil {
			p.WriteString(strings.Join(wrap(words, width), "\n") + "\n")
			words = nil
		}
	}
	example := false // the line before was indented
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n ")
		switch {
		case line == "":
			flush()
			p.WriteByte('\n')
			example = false
			continue
		case line[0] == ' ' || line[0] == '\t':
			if words != nil {
				flush()
				p.WriteByte('\n')
			}
			p.WriteString("    " + strings.TrimSpace(line) + "\n")
			example = true
			continue
		case example:
			p.WriteByte('\n')
		}
		example = false
		words = append(words, strings.Fields(line)...)
	}
	flush()
}

// table writes rows in two columns; an empty row is an empty line.
func (p *page) table(rows [][2]string) {
	left := 0
	for _, r := range rows {
		left = max(left, utf8.RuneCountInString(r[0]))
	}
	left += 4
	for _, r := range rows {
		for i, s := range wrap(strings.Fields(r[1]), max(width-2-left, 20)) {
			if i > 0 {
				r[0] = ""
			}
			fmt.Fprintln(p, strings.TrimRight(fmt.Sprintf("  %-*s%s", left, r[0], s), " "))
		}
	}
}

// wrap joins words to lines of at most so many characters; at least one line.
func wrap(words []string, most int) []string {
	lines := []string{""}
	for _, w := range words {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = w
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(w) <= most:
			*last += " " + w
		default:
			lines = append(lines, w)
		}
	}
	return lines
}
