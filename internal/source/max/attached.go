package max

import (
	"encoding/json"
	"strings"

	"otklik/internal/attachment"
	"otklik/internal/message"
)

// An extra is what came with a message beside its words.
type extra struct {
	Refs    []attachment.Ref
	Point   *message.Point
	Contact string // a phone that the person shared
}

// extras reads the attachments of a message.
func (b *body) extras() (x extra) {
	for _, raw := range b.Attachments {
		var a struct {
			Type    words    `json:"type"`
			Name    words    `json:"filename"`
			Lat     *float64 `json:"latitude"`
			Lon     *float64 `json:"longitude"`
			Title   words    `json:"title"`
			Payload opt[struct {
				URL   words  `json:"url"`
				Photo number `json:"photo_id"`
				ID    number `json:"id"`
				File  number `json:"fileId"`
				Token words  `json:"token"`
				VCF   words  `json:"vcf_info"`
				Title words  `json:"title"`
			}] `json:"payload"`
		}
		if !into(raw, &a) {
			continue
		}
		if a.Type == "location" {
			if a.Lat != nil && a.Lon != nil && *a.Lat >= -90 && *a.Lat <= 90 && *a.Lon >= -180 && *a.Lon <= 180 {
				x.Point = &message.Point{Lat: *a.Lat, Lon: *a.Lon}
			}
			continue
		}
		p := a.Payload.V
		if p == nil {
			continue
		}
		switch a.Type {
		case "image":
			x.Refs = append(x.Refs, attachment.Ref{Kind: attachment.Photo, Name: named("photo", p.Photo), URL: string(p.URL)})
		case "video":
			x.Refs = append(x.Refs, attachment.Ref{Kind: attachment.Video, Name: named("video", p.ID), URL: string(p.URL)})
		case "file":
			x.Refs = append(x.Refs, attachment.Ref{Kind: attachment.KindOf(string(a.Name)), Name: named("file", p.File), URL: string(p.URL), Title: string(a.Name)})
		case "share":
			x.Refs = append(x.Refs, attachment.Ref{Kind: attachment.Link, URL: string(p.URL), Title: string(or(a.Title, p.Title))})
		case "contact":
			x.Contact = phone(string(p.VCF))
		}
	}
	x.Refs = attachment.Tidy(x.Refs)
	return x
}

func named(kind string, id number) string {
	if id == 0 {
		return ""
	}
	b, _ := json.Marshal(id)
	return kind + string(b)
}

// phone returns the first telephone number of a vCard.
func phone(card string) string {
	for line := range strings.Lines(card) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if kind, _, _ := strings.Cut(name, ";"); ok && strings.EqualFold(kind, "TEL") {
			return clip(strings.TrimSpace(value), 40)
		}
	}
	return ""
}

func or(a, b words) words {
	if a != "" {
		return a
	}
	return b
}

// FileHosts are where MAX keeps pictures and files.
var FileHosts = []string{"oneme.ru", "max.ru", "okcdn.ru", "mycdn.me"}
