package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/fault"
	"otklik/internal/mapping"
	"otklik/internal/source"
	"otklik/internal/source/file"
	"otklik/internal/table"
)

// format returns what reads a file. Of a table it finds the mapping: the one that --map
// names, or one that it proposes and shows; then content begins anew. pictures is where those of letters go.
func (c importCommand) format(ctx context.Context, w world, a *app.App, name, territory, pictures string, content *io.ReadCloser) (source.File, error) {
	if c.Format != "csv" && c.Format != "xlsx" {
		if c.Map != "" {
			return nil, fault.New(fault.Invalid, "--map is for tables, and the format is %s", c.Format).Mend("leave --map out, or say --format csv or xlsx")
		}
		if c.letters() {
			return c.mailFormat(a, name, pictures)
		}
		return file.Open(c.Format, file.Options{})
	}
	k := table.Take{Name: name, Source: c.Source, Territory: territory}
	if c.Map != "" {
		m, err := a.Tables.Mapping(ctx, c.Map)
		if err == nil {
			k.Mapping = m
			return a.Tables.Format(ctx, c.Format, k)
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	var begun bytes.Buffer // a pipe is read once
	rows, err := table.Sample(filepath.Base(name), io.TeeReader(*content, &begun), "")
	*content = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(&begun, *content), *content}
	if err != nil {
		rows = nil // the reader says what is wrong, as far as it comes
	}
	if k.Mapping, err = c.proposed(ctx, w, a, name, territory, rows); err != nil {
		return nil, err
	}
	return a.Tables.Format(ctx, c.Format, k)
}

// proposed returns the mapping that a table is taken by; nil for one whose columns are named as
// ours and that tells of no cases: it is messages, as ever.
func (c importCommand) proposed(ctx context.Context, w world, a *app.App, name, territory string, rows []mapping.Row) (*mapping.Mapping, error) {
	text, export := false, false
	if len(rows) > 0 {
		text, export = file.Named(rows[0].Cells)
	}
	if c.Map == "" && (export || len(rows) == 0) {
		return nil, nil
	}
	p, err := a.Tables.Propose(ctx, rows)
	cases := err == nil && p.Sure && (p.Mapping.Columns[mapping.Status] != "" || p.Mapping.Columns[mapping.Answer] != "")
	if c.Map == "" && (text || c.Format == "csv" && len(rows[0].Cells) < 2) && !cases {
		return nil, nil
	}
	if err != nil {
		if c.Map == "" && c.Format == "csv" {
			return nil, nil // the reader of messages says what it misses
		}
		return nil, err
	}
	p.Mapping.Name = c.Map
	tellProposal(w.err, name, &p)
	if !p.Sure {
		return nil, fault.New(fault.Invalid, "%s: the columns are not clear", name).
			Say("Столбцы таблицы не ясны: " + p.Doubt + ".").
			Mend("otklik map propose --dir " + c.Dir + " FILE > map.json; mend map.json; otklik map save --dir " + c.Dir + " NAME map.json; then import with --map NAME")
	}
	if err := c.ten(ctx, w, a, name, territory, &p); err != nil {
		return nil, err
	}
	if c.Map == "" {
		fmt.Fprintf(w.err, "%s: чтобы брать так и следующие таблицы этой системы, назовите настройку: --map ИМЯ\n", name)
		return &p.Mapping, nil
	}
	if err := a.Tables.Save(ctx, account.System(), "otklik import", p.Mapping); err != nil {
		return nil, err
	}
	fmt.Fprintf(w.err, "%s: настройка «%s» сохранена\n", name, c.Map)
	return &p.Mapping, nil
}

// ten shows ten rows as they are read.
func (c importCommand) ten(ctx context.Context, w world, a *app.App, name, territory string, p *mapping.Proposal) error {
	if st, err := os.Stat(name); err != nil || !st.Mode().IsRegular() {
		return nil // it is read once
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	seen, err := a.Tables.Preview(ctx, table.Take{Name: name, Mapping: &p.Mapping, Territory: territory, Content: f, Format: c.Format}, 10)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(w.err, 0, 0, 2, ' ', 0)
	for _, s := range seen {
		if s.Error != "" {
			fmt.Fprintf(out, "%d\tне берётся: %s\n", s.Line, s.Error)
			continue
		}
		when := ""
		if !s.Message.PublishedAt.IsZero() {
			when = s.Message.PublishedAt.In(a.Tables.Zone(territory)).Format("02.01.2006 15:04")
		}
		fmt.Fprintf(out, "%d\t%s\t%s\t%s\t%s\t%s\n", s.Line, when, s.State, s.Topic, s.Place, s.Agency)
	}
	return out.Flush()
}

func tellProposal(w io.Writer, name string, p *mapping.Proposal) {
	fmt.Fprintf(w, "%s: столбцы в строке %d поняты так:\n", name, p.Layout.Line)
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, g := range p.Guesses {
		field := "не берётся"
		if g.Field != "" {
			field = fmt.Sprintf("%s (%d %%)", g.Field.Name(), int(100*g.Score+0.5))
		}
		fmt.Fprintf(out, "  %s\t→ %s\t%s\n", g.Column, field, g.Why)
	}
	_ = out.Flush()
	var unknown []string
	for _, v := range p.Values {
		if v.Ours == "" {
			unknown = append(unknown, fmt.Sprintf("  %s «%s»: строк %d", strings.ToLower(v.Field.Name()), v.Name, v.Rows))
		}
	}
	if n := len(unknown); n > 20 {
		unknown = append(unknown[:20], fmt.Sprintf("  и ещё %d", n-20))
	}
	if len(unknown) > 0 {
		fmt.Fprintf(w, "Не нашлось у нас (можно дописать в настройку: otklik map):\n%s\n", strings.Join(unknown, "\n"))
	}
}
