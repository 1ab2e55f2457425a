package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"otklik/internal/app"
	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/ingest"
	"otklik/internal/site"
	"otklik/internal/source"
)

type importCommand struct {
	Dir       string   `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Format    string   `required:"" enum:"csv,xlsx,jsonl,vk,telegram,max,rss,eml,mbox" help:"Format of the files: csv, xlsx, jsonl, vk, telegram, max, rss, eml, mbox."`
	Map       string   `help:"Mapping of a table's columns, by its name; one that is not saved is proposed, shown and saved." placeholder:"NAME"`
	Territory string   `help:"Territory that the files speak for: a name or an OKTMO code." placeholder:"T"`
	Source    string   `help:"Name of the source; without it the file's name." placeholder:"S"`
	JSON      bool     `name:"json" help:"Print nothing but the summary, and no progress."`
	Files     []string `arg:"" name:"FILE" help:"Files to take in; - is standard input."`
}

func (importCommand) Help() string {
	return `Takes files of messages through the same intake as the live service. What is
here already is not taken again, so a run that was cut off is simply started
once more. The last line is one JSON object; its sums hold:
read = duplicate + not_ours + kept + rejected,
kept = opened + attached + kept_without_incident. A file that was cut off is taken
in as far as it goes; standard error names file, line and remedy, and the exit
code is 1, as for a file that cannot be read at all. It also counts what records
were taken without: dates that cannot be read, territories that are no OKTMO
code, a second column of texts. Photos that Telegram's export names are taken from
its folder; what is missing there is no error.

Letters come as .eml, as a folder of them, as a Maildir (--format eml FOLDER) or as
an mbox. A letter is known by its Message-ID wherever it lies. Letters of programs are
counted as no_message. With --source mail:ADDRESS the letters are those of that mailbox.

A table of another system (csv, xlsx) needs a mapping of its columns: it is proposed
with reasons and ten rows on standard error, and used when nothing is doubtful;
--map NAME saves it and uses it again. Rows that are closed there come in as
history, with their answers. otklik map changes mappings.

Example:
  otklik import --dir centre --format csv --json letters.csv`
}

// Run takes the files in. Records that could not be taken are named on standard
// error with file, line and remedy; a file that could not be read to its end,
// because it was cut off too, makes the command fail after the other files were
// taken in.
func (c importCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	territory, err := a.Territory(c.Territory)
	if err != nil {
		return err
	}
	var total ingest.Summary
	var failed error
	for _, name := range c.Files {
		sum, err := c.file(ctx, w, a, name, territory)
		total.Add(sum)
		if err != nil {
			if failed = errors.Join(failed, err); ctx.Err() != nil {
				fmt.Fprintf(w.err, "%s: остановлено, не дойдя до конца\n", name)
				break
			}
			if !errors.Is(err, ingest.ErrCut) { // its last rejection has said it
				fmt.Fprintln(w.err, ingest.Explain(name, err))
				if h := fault.Hint(err); h != "" {
					fmt.Fprintln(w.err, "hint:", h)
				}
			}
			if fault.Is(err, fault.Unavailable) && !errors.Is(err, os.ErrNotExist) {
				break // the store cannot take more; what was taken stays
			}
		}
	}
	if total.Reasons == nil {
		total.Reasons = map[string]int64{}
	}
	if err := json.NewEncoder(w.out).Encode(total); err != nil {
		return err
	}
	if failed != nil {
		return fault.New(fault.KindOf(failed), "some files were not read to their end; what was taken before stays").
			Mend("mend what stands above and run the same command again: nothing is taken twice")
	}
	return nil
}

func (c importCommand) file(ctx context.Context, w world, a *app.App, name, territory string) (ingest.Summary, error) {
	content, size, err := c.content(w, name)
	if err != nil {
		return ingest.Summary{}, err
	}
	beside := &noting{all: c.Source, sources: map[string]bool{}}
	folder := filepath.Dir(name)
	if c.letters() {
		if folder, err = os.MkdirTemp("", "otklik-import-"); err != nil {
			return ingest.Summary{}, fault.New(fault.Unavailable, "%w", err).Mend("the pictures of letters need room in the folder of temporary files")
		}
		defer os.RemoveAll(folder)
	}
	format, err := c.format(ctx, w, a, name, territory, folder, &content)
	defer func() { content.Close() }()
	if err != nil {
		return ingest.Summary{}, err
	}
	bar := newProgress(w.err, filepath.Base(name), size, c.JSON)
	defer bar.finish()
	lost := losses{}
	beside.File = format
	sum, err := a.Intake.File(ctx, ingest.FileRun{
		Name: name, Format: beside, Content: bar.reader(content), Source: c.Source, Territory: territory,
		Rejected: func(r ingest.Rejection) { bar.say(r.String()) },
		Lost:     lost.add,
	})
	for _, line := range lost.lines(name) {
		bar.say(line)
	}
	if (name != "-" || c.letters()) && (err == nil || errors.Is(err, ingest.ErrCut)) { // the whole file was read
		kept, missing, perr := a.TakeBeside(ctx, folder, slices.Sorted(maps.Keys(beside.sources)))
		if kept+missing > 0 {
			bar.say(fmt.Sprintf("%s: снимков рядом с файлом взято %d, не нашлось или не открылось %d.", name, kept, missing))
		}
		err = cmp.Or(err, perr)
	}
	return sum, err
}

// noting notes the sources whose messages name files beside the imported one.
type noting struct {
	source.File
	all     string // the source of every message, if set
	sources map[string]bool
}

func (n *noting) Records(ctx context.Context, name string, r io.Reader) iter.Seq2[source.Record, error] {
	return func(yield func(source.Record, error) bool) {
		for rec, err := range n.File.Records(ctx, name, r) {
			for _, a := range rec.Message.Attachments {
				if attachment.Inside(a.URL) {
					n.sources[cmp.Or(n.all, rec.Message.Source)] = true
				}
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// losses count what records of a file were taken without.
type losses map[source.Loss]*struct{ records, first int }

func (l losses) add(what source.Loss, line int) {
	if l[what] == nil {
		l[what] = &struct{ records, first int }{first: line}
	}
	l[what].records++
}

// lossWords say what was lost and what to do, in the order in which it is told.
var lossWords = []struct {
	what source.Loss
	says string
}{
	{source.LostDate, "дата не прочитана, сообщение взято без неё. Пишите даты так: 2026-11-22 17:40 или 22.11.2026 17:40"},
	{source.LostTerritory, "территория не код ОКТМО, сообщение взято без неё. Впишите код цифрами или назовите территорию ключом --territory"},
	{source.LostNumber, "от номера остались не все цифры (1,2E+11), строка взята без него. Задайте столбцу вид «Текст» и сохраните таблицу снова"},
	{source.LostStatus, "статус ничего нам не говорит; закрытым считается то, у чего есть ответ или дата закрытия. Допишите статус в настройку: otklik map"},
	{source.LostTopic, "темы нет в нашем классификаторе, она прочитана по тексту. Допишите её в настройку: otklik map"},
	{source.LostAgency, "организации у нас нет, её имя сохранено словами. Допишите её в настройку: otklik map"},
	{source.LostText, "второй столбец с текстом не взят. Если он нужен, соедините его с первым"},
}

func (l losses) lines(name string) (out []string) {
	for _, w := range lossWords {
		if n := l[w.what]; n != nil {
			out = append(out, fmt.Sprintf("%s: %s, впервые в строке %d: %s.", name, site.Count(n.records, "запись", "записи", "записей"), n.first, w.says))
		}
	}
	return out
}

func (c importCommand) content(w world, name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(w.in), -1, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, fault.New(fault.NotFound, "%w", err).Mend("check the name and the rights of the file")
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() && c.Format == "eml" { // its reader walks it
		return f, -1, nil
	}
	if err == nil && st.IsDir() {
		err = fault.New(fault.Invalid, "%s is a folder", name).Mend("name the files in it")
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}
