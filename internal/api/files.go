package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// An Attachment is a picture or a document: of a message, or added by staff.
type Attachment struct {
	ID      int64      `json:"id"`
	Message int64      `json:"message,omitempty" doc:"That it came with; absent: staff added it"`
	Kind    string     `json:"kind" enum:"photo,video,document,link"`
	State   string     `json:"state" enum:"wanted,kept,lost,linked" doc:"kept: GET /attachments/{id} has the bytes"`
	Why     string     `json:"why,omitempty" doc:"Why it is lost: not_found, too_large, unfit, forbidden, gave_up, no_source"`
	Part    string     `json:"part,omitempty" enum:"before,after" doc:"What it shows of the case"`
	Type    string     `json:"type,omitempty" doc:"Media type of the bytes"`
	Bytes   int64      `json:"bytes,omitempty"`
	Width   int        `json:"width,omitempty"`
	Height  int        `json:"height,omitempty"`
	By      int64      `json:"by,omitempty"`
	At      *time.Time `json:"at,omitempty"`
	URL     string     `json:"url,omitempty" doc:"Where its source has it; with personal=true only"`
	Title   string     `json:"title,omitempty" doc:"With personal=true only"`
	TakenAt string     `json:"taken_at,omitempty" doc:"What the camera's clock said, without a zone; of a resident's with personal=true only"`
	Lat     float64    `json:"lat,omitempty" doc:"What the camera wrote; likewise"`
	Lon     float64    `json:"lon,omitempty"`
}

// attachments returns what of an incident the role may look at.
func (a *API) attachments(ctx context.Context, me *Caller, i *incident.Incident, personal bool) ([]Attachment, error) {
	all, err := a.Cases().Attachments().OfIncident(ctx, me.Scope(), int64(i.ID))
	out := []Attachment{}
	for k := range all {
		f := &all[k]
		if !site.SeesFile(me.Role, f) {
			continue
		}
		one := Attachment{ID: int64(f.ID), Message: f.Message, Kind: string(f.Shown()), State: string(f.State), Why: f.Why, Part: string(f.Part), Type: f.Type, Bytes: f.Bytes,
			Width: f.Width, Height: f.Height, By: int64(f.By), At: at(f.At)}
		if f.Message == 0 || personal {
			one.URL, one.Title, one.Lat, one.Lon = f.URL, f.Title, f.Lat, f.Lon
			if !f.TakenAt.IsZero() {
				one.TakenAt = f.TakenAt.Format("2006-01-02T15:04:05")
			}
		}
		out = append(out, one)
	}
	return out, err
}

// PhotoBody adds a picture, says what one shows, or takes one away.
type PhotoBody struct {
	Seen
	Data   []byte `json:"data,omitempty" maxLength:"28000000" doc:"Bytes of a picture (JPEG, PNG, WebP, GIF up to 20 MB) or a PDF (up to 10 MB), in base64: it is added. Position and device are taken out of it"`
	File   int64  `json:"file,omitempty" minimum:"0" doc:"Instead: one that is here"`
	Part   string `json:"part,omitempty" enum:"before,after" doc:"What it shows; of file: absent for neither"`
	Remove bool   `json:"remove,omitempty" doc:"Take file away: what staff added, while nothing rests on it"`
}

func (b PhotoBody) change(ctx context.Context, a *API, _ *incident.Incident) (desk.Change, error) {
	switch {
	case len(b.Data) > 0 == (b.File != 0):
		return nil, fault.New(fault.Invalid, "either data or file").At("data").Say("Пришлите либо снимок, либо номер того, что уже приложен.")
	case b.Remove:
		return desk.RemovePhoto{Attachment: attachment.ID(b.File)}, nil
	case b.File != 0:
		return desk.SortPhoto{Attachment: attachment.ID(b.File), Part: attachment.Part(b.Part)}, nil
	}
	add := desk.AddPhoto{Part: attachment.Part(b.Part)}
	err := a.Files.Keep(ctx, bytes.NewReader(b.Data), func(f attachment.File) error { add.File = f; return nil })
	return add, err
}

// Enclosed are the pictures that go with a reply.
type Enclosed struct {
	Enclose []int64 `json:"enclose,omitempty" maxItems:"10" doc:"Attachments that staff added; residents see them on a page whose link ends the reply"`
}

func (e Enclosed) ids() (ids []attachment.ID) {
	for _, id := range e.Enclose {
		ids = append(ids, attachment.ID(id))
	}
	return ids
}

// fileBody of an operation, in bytes: a picture in base64.
const fileBody = 28 << 20

type fileOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy"`
	Cache       string `header:"Cache-Control"`
	Body        []byte
}

func (a *API) addFiles() {
	act[PhotoBody](a, "photo", lifecycle.Photo, "Add a picture or a document, say what a picture shows, or take one away")
	op := huma.Operation{Method: http.MethodGet, Path: "/attachments/{id}", Summary: "The bytes of a picture or a document", Tags: []string{"incidents"},
		Description: "A picture is drawn anew when it comes in: JPEG, without position, device and other hidden words."}
	addWhole(a, op, site.Access{Right: lifecycle.SeeQueue, Of: site.FileResource(a.Cases)}, func(ctx context.Context, _ *Caller, in *struct {
		ID    int64 `path:"id" minimum:"1"`
		Small bool  `query:"small" doc:"The small picture"`
	}) (*fileOutput, error) {
		f := site.FileOf(ctx)
		hash := f.Hash
		if in.Small {
			hash = f.Small
		}
		r, err := a.Files.Bytes(hash)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		return &fileOutput{f.Type, fmt.Sprintf("attachment; filename=%q", site.FileName(f)), site.Sandbox, "private, no-cache", b}, err
	})
}
