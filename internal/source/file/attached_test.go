package file_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/attachment"
	"otklik/internal/source/file"
)

func TestEveryFormatTellsItsAttachments(t *testing.T) {
	t.Parallel()
	shot := attachment.Ref{Kind: attachment.Photo, URL: "https://a.example/1.jpg"}
	for name, c := range map[string]struct {
		format, text string
		want         [][]attachment.Ref // of each record that is taken
	}{
		"lines": {"jsonl", `{"id":"1","text":"яма","attachments":["https://a.example/1.jpg"]}
{"id":"2","text":"","thread":"1","photos":[{"url":"https://a.example/1.jpg","kind":"photo"}]}
{"id":"3","text":"","photos":["https://a.example/1.jpg"]}
{"id":"4","text":"яма","фото":"нет"}
{"id":"5","deleted":true,"photo":"https://a.example/1.jpg"}`, [][]attachment.Ref{{shot}, {shot}, nil, nil}},
		"a table": {"csv", "id;текст;фото\n1;яма;https://a.example/1.jpg\n2;яма;да\n", [][]attachment.Ref{{shot}, nil}},
		"Telegram": {"telegram", `{"type":"public_supergroup","id":7,"messages":[
{"id":1,"type":"message","date_unixtime":"1772434860","text":"яма","photo":"photos/photo_1@02-03-2026.jpg"},
{"id":2,"type":"message","date_unixtime":"1772434860","text":"","reply_to_message_id":1,"photo":"(File not included. Change data exporting settings to download.)"},
{"id":3,"type":"message","date_unixtime":"1772434860","text":"","reply_to_message_id":1,"file":"video_files/a.mp4","media_type":"video_file"},
{"id":4,"type":"message","date_unixtime":"1772434860","text":"ой","file":"stickers/s.webp","media_type":"sticker"},
{"id":5,"type":"message","date_unixtime":"1772434860","text":"ой","photo":"../../../etc/passwd.jpg"}]}`,
			[][]attachment.Ref{{{Kind: attachment.Photo, URL: "photos/photo_1@02-03-2026.jpg"}}, {{Kind: attachment.Video, URL: "video_files/a.mp4"}}, nil, nil}},
		"VK": {"vk", `{"response":{"items":[{"id":5,"from_id":7,"owner_id":-1,"post_id":1,"date":1772434860,"parents_stack":[],"text":"","attachments":[
{"type":"photo","photo":{"id":3,"owner_id":7,"text":"двор","sizes":[{"type":"s","url":"https://sun1.userapi.com/s.jpg","width":75,"height":56},{"type":"w","url":"https://sun1.userapi.com/w.jpg","width":2560,"height":1920},{"type":"m","url":"https://sun1.userapi.com/m.jpg","width":130,"height":97}]}},
{"type":"video","video":{"id":4,"owner_id":7,"title":"как течёт"}},{"type":"sticker","sticker":{}},{"type":"link","link":{"url":"javascript:alert(1)"}},7]}]}}`,
			[][]attachment.Ref{{{Kind: attachment.Photo, Name: "photo7_3", URL: "https://sun1.userapi.com/w.jpg", Title: "двор"}, {Kind: attachment.Video, Name: "video7_4", URL: "https://vk.com/video7_4", Title: "как течёт"}}}},
	} {
		got, err := records(t, c.format, "x", strings.NewReader(c.text), file.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var refs [][]attachment.Ref
		for _, r := range got {
			if r.Err == nil {
				refs = append(refs, r.Message.Attachments)
			}
		}
		if diff := cmp.Diff(c.want, refs); diff != "" {
			t.Errorf("%s differs:\n%s", name, diff)
		}
	}
}
