package gazetteer

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"otklik/internal/fault"
)

// A garKind says which table of GAR a file holds.
type garKind string

// The tables that we read, in the order in which a region is read.
const (
	garObjects garKind = "ADDR_OBJ"
	garAdm     garKind = "ADM_HIERARCHY"
	garMun     garKind = "MUN_HIERARCHY"
	garParams  garKind = "ADDR_OBJ_PARAMS"
	garHouses  garKind = "HOUSES"
)

// A garFile is one table of one region, in the archive or loose.
type garFile struct {
	name  string // for people: «gar_xml.zip/19/AS_HOUSES_….XML»
	group string // the folder: tables of one region lie in one
	kind  garKind
	size  int64
	open  func() (io.ReadCloser, error)
}

var garName = regexp.MustCompile(`(?i)^AS_(ADDR_OBJ|ADM_HIERARCHY|MUN_HIERARCHY|ADDR_OBJ_PARAMS|HOUSES)([_-]?\d.*)?\.XML$`)

// garOther matches the tables of GAR that we do not need: rooms, steads, types.
var garOther = regexp.MustCompile(`(?i)^AS_[A-Z_]+([_-]?\d.*)?\.XML$`)

func kindOfName(name string) garKind {
	if m := garName.FindStringSubmatch(path.Base(filepath.ToSlash(name))); m != nil {
		return garKind(strings.ToUpper(m[1]))
	}
	return ""
}

// garFiles lists the tables in archives, folders and loose files, ordered by
// region; close the archives with the function returned.
func garFiles(names []string) (files []garFile, closeAll func(), err error) {
	var open []io.Closer
	closeAll = func() {
		for _, c := range open {
			c.Close()
		}
	}
	defer func() {
		if err != nil {
			closeAll()
			closeAll = func() {}
		}
	}()
	loose := func(name string, asked bool) error {
		kind := kindOfName(name)
		st, err := os.Stat(name)
		if err != nil {
			return fault.New(fault.NotFound, "gazetteer: %w", err).Mend("check the name and the rights of the file")
		}
		if kind == "" && asked && !garOther.MatchString(filepath.Base(name)) {
			if kind, err = sniff(name); err != nil {
				return err
			}
		}
		if kind != "" {
			files = append(files, garFile{name: name, group: filepath.Dir(name), kind: kind, size: st.Size(),
				open: func() (io.ReadCloser, error) { return os.Open(name) }})
		}
		return nil
	}
	for _, name := range names {
		st, err := os.Stat(name)
		switch {
		case err != nil:
			return nil, closeAll, fault.New(fault.NotFound, "gazetteer: %w", err).Mend("check the name and the rights of the file")
		case st.IsDir():
			err = filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || kindOfName(p) == "" {
					return err
				}
				return loose(p, false)
			})
			if err != nil {
				return nil, closeAll, fault.New(fault.Unavailable, "gazetteer: read %s: %w", name, err)
			}
		case strings.EqualFold(filepath.Ext(name), ".zip"):
			z, err := zip.OpenReader(name)
			if err != nil {
				return nil, closeAll, fault.New(fault.Invalid, "gazetteer: %s: no archive, or cut off: %w", name, err).At("file").
					Say("Файл «" + name + "» — не архив или скачан не до конца.").Mend("download gar_xml.zip again; a part of it cannot be read")
			}
			open = append(open, z)
			for _, f := range z.File {
				if kind := kindOfName(f.Name); kind != "" {
					files = append(files, garFile{name: name + "/" + f.Name, group: name + "/" + path.Dir(f.Name), kind: kind,
						size: int64(f.UncompressedSize64), open: f.Open})
				}
			}
		default:
			if err := loose(name, true); err != nil {
				return nil, closeAll, err
			}
		}
	}
	if len(files) == 0 {
		return nil, closeAll, fault.New(fault.Invalid, "gazetteer: no tables of GAR in %s", strings.Join(names, ", ")).At("file").
			Say("Таблиц ГАР (AS_ADDR_OBJ_*.XML и других) здесь нет.").Mend("give gar_xml.zip as downloaded, or the folder of a region, or its AS_*.XML files")
	}
	slices.SortStableFunc(files, func(a, b garFile) int { return strings.Compare(a.group, b.group) })
	return files, closeAll, nil
}

// sniff tells a table by its root element, for files that were renamed.
func sniff(name string) (garKind, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fault.New(fault.NotFound, "gazetteer: %w", err).Mend("check the name and the rights of the file")
	}
	defer f.Close()
	x := newXMLRows(name, f)
	root, err := x.next()
	if err != nil {
		return "", err
	}
	switch root {
	case "ADDRESSOBJECTS":
		return garObjects, nil
	case "HOUSES":
		return garHouses, nil
	case "PARAMS":
		return garParams, nil
	case "ITEMS":
		if _, err := x.next(); err == nil && x.raw("OKTMO") != nil {
			return garMun, nil
		} else if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		return garAdm, nil
	}
	return "", x.bad("<" + root + "> is no table of GAR that we read")
}
