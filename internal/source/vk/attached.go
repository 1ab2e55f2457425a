package vk

import (
	"encoding/json"
	"fmt"

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
				refs = append(refs, attachment.Ref{Kind: attachment.Document, Name: fmt.Sprintf("doc%d_%d", o.OwnerID, o.ID), URL: string(o.URL), Title: string(o.Title)})
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

// FileHosts are where VK keeps photos; parts of them belong to it alone.
var FileHosts = []string{"userapi.com", "vkuserphoto.ru", "vk-cdn.net"}
