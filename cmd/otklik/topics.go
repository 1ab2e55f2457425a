package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/fault"
	"otklik/internal/site"
	"otklik/internal/topic"
)

type topicsCommand struct {
	List     topicsListCommand     `cmd:"" help:"List the topics in force, or those of an older version."`
	Put      topicsPutCommand      `cmd:"" help:"Add a topic, or give a known one another name or deadline."`
	Retire   topicsRetireCommand   `cmd:"" help:"Take topics out of use."`
	Restore  topicsRestoreCommand  `cmd:"" help:"Bring retired topics back."`
	Versions topicsVersionsCommand `cmd:"" help:"Who changed the topics, when and how."`
}

type topicsListCommand struct {
	Dir   string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	All   bool   `help:"Retired topics too."`
	Issue int    `name:"number" help:"An older version, by its number." placeholder:"N"`
	JSON  bool   `name:"json" help:"One JSON object a line."`
}

func (topicsListCommand) Help() string {
	return `Lists the classifier: code, ★ for the short deadline, name, group.

Example:
  otklik topics list --dir centre --all`
}

// Run lists.
func (c topicsListCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	t := a.Topics()
	if c.Issue != 0 {
		if t, err = a.TopicVersion(ctx, c.Issue); fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "no version %d of the topics", c.Issue).Mend("see which there are: otklik topics versions --dir " + c.Dir)
		}
		if err != nil {
			return err
		}
	}
	list := t.Topics
	if !c.All {
		list = t.Active()
	}
	enc, table := json.NewEncoder(w.out), tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	for _, tp := range list {
		if c.JSON {
			if err := enc.Encode(tp); err != nil {
				return err
			}
			continue
		}
		star, out := "", ""
		if tp.Fast {
			star = "★"
		}
		if tp.Retired {
			out = "выведена"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", tp.Code, star, tp.Name, tp.Group, out)
	}
	return table.Flush()
}

type topicsPutCommand struct {
	Dir   string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Code  string `help:"Code of a known topic, or the code that a new one is to have; without it one is made from the name." placeholder:"CODE"`
	Name  string `help:"Name; a new topic needs it." placeholder:"NAME"`
	Group string `help:"Name or code of its group; a new topic needs it, another name makes a new group." placeholder:"GROUP"`
	Fast  *bool  `negatable:"" help:"With or without the short deadline (★)."`
	JSON  bool   `name:"json" help:"Print the topic as one JSON object."`
}

func (topicsPutCommand) Help() string {
	return `Adds a topic, or changes what is named of a known one. A service that runs takes the
change over when it is started again.

Example:
  otklik topics put --dir centre --name 'Пыль от дорог' --group Дороги --fast`
}

// Run puts.
func (c topicsPutCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	t := a.Topics()
	tp, known := t.ByCode(topic.Code(c.Code))
	if tp.Code == topic.Undefined {
		return fault.New(fault.Invalid, "%s stands in no list: it says that no topic fits", topic.Undefined)
	}
	if c.Group != "" {
		tp.Group, tp.GroupCode = group(t, c.Group)
	}
	if c.Name != "" {
		tp.Name = c.Name
	}
	if c.Fast != nil {
		tp.Fast = *c.Fast
	}
	if !known {
		if c.Name == "" || c.Group == "" {
			return fault.New(fault.Invalid, "topic %q is new and needs a name and a group", c.Code).Mend("add --name NAME --group GROUP, or see the codes: otklik topics list --dir " + c.Dir)
		}
		if tp.Code = topic.Code(c.Code); tp.Code == "" {
			tp.Code = t.NewCode(tp.GroupCode, tp.Name)
		}
	}
	next, err := a.EditTopics(ctx, account.System(), t.Version, topic.Edit{Put: []topic.Topic{tp}})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w.out).Encode(tp)
	}
	return told(w, t, next)
}

// group finds a group by its name or code, or makes one.
func group(t *topic.Taxonomy, name string) (string, topic.Code) {
	for _, tp := range t.Topics {
		if string(tp.GroupCode) == name || topic.SameName(tp.Group, name) {
			return tp.Group, tp.GroupCode
		}
	}
	return name, t.NewCode("", name)
}

// told says which version is in force and what it changed.
func told(w world, was, next *topic.Taxonomy) error {
	if next.Version == was.Version {
		_, err := fmt.Fprintf(w.out, "Менять нечего: действует версия %d.\n", was.Version)
		return err
	}
	for _, line := range next.Changes(was) {
		if _, err := fmt.Fprintln(w.out, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w.out, "Действует версия %d. Работающая служба возьмёт её при следующем запуске.\n", next.Version)
	return err
}

type topicsRetireCommand struct {
	Dir   string       `required:"" help:"Folder of the installation." placeholder:"DIR"`
	JSON  bool         `name:"json" help:"Print the version as one JSON object."`
	Codes []topic.Code `arg:"" name:"CODE" help:"Codes of topics."`
}

func (topicsRetireCommand) Help() string {
	return `Takes topics out of use: new incidents do not get them, old ones keep them.

Example:
  otklik topics retire --dir centre roads.potholes`
}

// Run retires.
func (c topicsRetireCommand) Run(ctx context.Context, w world) error {
	return editTopics(ctx, w, c.Dir, c.JSON, topic.Edit{Retire: c.Codes})
}

type topicsRestoreCommand struct {
	Dir   string       `required:"" help:"Folder of the installation." placeholder:"DIR"`
	JSON  bool         `name:"json" help:"Print the version as one JSON object."`
	Codes []topic.Code `arg:"" name:"CODE" help:"Codes of topics."`
}

func (topicsRestoreCommand) Help() string {
	return `Brings retired topics back.

Example:
  otklik topics restore --dir centre roads.potholes`
}

// Run restores.
func (c topicsRestoreCommand) Run(ctx context.Context, w world) error {
	return editTopics(ctx, w, c.Dir, c.JSON, topic.Edit{Restore: c.Codes})
}

func editTopics(ctx context.Context, w world, dir string, asJSON bool, e topic.Edit) error {
	a, err := open(ctx, w, dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	was := a.Topics()
	next, err := a.EditTopics(ctx, account.System(), was.Version, e)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.NotFound, "%w", err).Say(fault.Sentence(err)).Mend("see the codes: otklik topics list --all --dir " + dir)
	case err != nil:
		return err
	case asJSON:
		return json.NewEncoder(w.out).Encode(site.Version{Version: next.Version, Changes: next.Changes(was)})
	}
	return told(w, was, next)
}

type topicsVersionsCommand struct {
	Dir  string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	JSON bool   `name:"json" help:"One JSON object a line."`
}

func (topicsVersionsCommand) Help() string {
	return `Lists the versions of the topics, newest first: number, time, account (0 is the
command line) and what it changed. An older version is printed by
otklik topics list --number N.

Example:
  otklik topics versions --dir centre --json`
}

// Run lists.
func (c topicsVersionsCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	list, err := versions(ctx, a)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w.out)
	for _, v := range list {
		if c.JSON {
			if err := enc.Encode(v); err != nil {
				return err
			}
			continue
		}
		at := "с программой"
		if !v.At.IsZero() {
			at = fmt.Sprintf("%s  %d", v.At.UTC().Format(time.RFC3339), v.Who)
		}
		if _, err := fmt.Fprintf(w.out, "%d  %s\n", v.Version, at); err != nil {
			return err
		}
		for _, line := range v.Changes {
			if _, err := fmt.Fprintln(w.out, "   ", line); err != nil {
				return err
			}
		}
	}
	return nil
}

// versions returns the versions; before the first edit the one that the program brought.
func versions(ctx context.Context, a *app.App) ([]site.Version, error) {
	list, err := a.TopicVersions(ctx)
	if err == nil && len(list) == 0 {
		list = []site.Version{{Version: a.Topics().Version}}
	}
	return list, err
}
