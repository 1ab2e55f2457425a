package vk

import (
	"encoding/json"
	"fmt"
	"strings"

	"otklik/internal/attachment"
)

// attached returns what a post, a comment or a private message came with. Photos have
// the address of their largest size; what a browser opens at VK is a link there.
func (it *item) attached(page string) (refs []attachment.Ref) {
	if page == "" {
		page = Page
	}
	for _, raw := range it.Attachments {
		var a struct {
			Type  words `json:"type"`
			Photo node  `json:"photo"`
			Video node  `json:"video"`
			Doc   node  `json:"doc"`
			Audio node  `json:"audio"`
			Link  node  `json:"link"`
		}
		if json.Unmarshal(raw, &a) != nil {
			continue
		}
		var o struct {
			ID      number `json:"id"`
			OwnerID number `json:"owner_id"`
			Title   words  `json:"title"`
			URL     words  `json:"url"`
			Text    words  `json:"text"`
			Sizes   list   `json:"sizes"`
			Ext     words  `json:"ext"`
			Size    number `json:"size"` // bytes
		}
		switch a.Type {
		case "photo":
			if a.Photo.into(&o) {
				refs = append(refs, attachment.Ref{Kind: attachment.Photo, Name: fmt.Sprintf("photo%d_%d", o.OwnerID, o.ID), URL: largest(o.Sizes), Title: string(o.Text)})
			}
		case "video":
			if a.Video.into(&o) {
				name := fmt.Sprintf("video%d_%d", o.OwnerID, o.ID)
				refs = append(refs, attachment.Ref{Kind: attachment.Video, Name: name, URL: page + name, Title: string(o.Title)})
			}
		case "doc":
			if a.Doc.into(&o) {
				refs = append(refs, attachment.Ref{Kind: documents[strings.ToLower(string(o.Ext))], Name: fmt.Sprintf("doc%d_%d", o.OwnerID, o.ID), URL: string(o.URL), Title: string(o.Title)})
				if a := &refs[len(refs)-1]; a.Kind == "" || o.Size > largestOf[a.Kind] { // not taken: people open it at VK
					a.Kind = attachment.Link
				}
			}
		case "audio":
			if a.Audio.into(&o) {
				name := fmt.Sprintf("audio%d_%d", o.OwnerID, o.ID)
				refs = append(refs, attachment.Ref{Kind: attachment.Link, Name: name, URL: page + name, Title: string(o.Title)})
			}
		case "link":
			if a.Link.into(&o) {
				refs = append(refs, attachment.Ref{Kind: attachment.Link, URL: string(o.URL), Title: string(o.Title)})
			}
		}
	}
	return attachment.Tidy(refs)
}

// largest returns the address of the size with the most points; sizes of old photos
// tell none, then it is the last, which the documentation lists from small to large.
func largest(sizes list) (url string) {
	most := number(-1)
	for _, raw := range sizes {
		var s struct {
			URL    words  `json:"url"`
			Width  number `json:"width"`
			Height number `json:"height"`
		}
		if json.Unmarshal(raw, &s) == nil && s.URL != "" && s.Width*s.Height >= most {
			url, most = string(s.URL), s.Width*s.Height
		}
	}
	return url
}

// documents are what of VK's documents is fetched, by extension: a picture that was sent as
// a file is one.
var documents = map[string]attachment.Kind{
	"pdf": attachment.Document, "jpg": attachment.Photo, "jpeg": attachment.Photo, "png": attachment.Photo, "webp": attachment.Photo, "gif": attachment.Photo,
}

// largestOf is how many bytes the vault takes.
var largestOf = map[attachment.Kind]number{attachment.Document: 10 << 20, attachment.Photo: 20 << 20}

// FileHosts are where VK keeps photos and documents; parts of them belong to it alone. The
// address of a document is at vk.com and leads to one of the others.
var FileHosts = []string{"userapi.com", "vkuserphoto.ru", "vk-cdn.net", "vk.com", "vk.ru"}
