package telegram

import (
	"encoding/json"
	"errors"
)

// The objects of the Bot API, with the fields that we use.

type update struct {
	ID         int64     `json:"update_id"`
	Message    *note     `json:"message"`
	Edited     *note     `json:"edited_message"`
	Post       *note     `json:"channel_post"`
	EditedPost *note     `json:"edited_channel_post"`
	Press      *press    `json:"callback_query"`
	Member     *standing `json:"my_chat_member"`
}

// allowed are the kinds of updates that we ask for.
var allowed = []string{"message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "my_chat_member"}

// carried returns the message of an update, and whether it is an edit.
func (u *update) carried() (n *note, edited bool) {
	for _, n := range []*note{u.Message, u.Post} {
		if n != nil {
			return n, false
		}
	}
	for _, n := range []*note{u.Edited, u.EditedPost} {
		if n != nil {
			return n, true
		}
	}
	return nil, false
}

// A note is a Message of the Bot API.
type note struct {
	ID         int64   `json:"message_id"`
	Thread     int64   `json:"message_thread_id"`
	From       *person `json:"from"`
	SenderChat *chat   `json:"sender_chat"`
	Date       int64   `json:"date"`
	EditDate   int64   `json:"edit_date"`
	Chat       chat    `json:"chat"`
	Origin     *struct {
		Chat    *chat `json:"chat"`
		Message int64 `json:"message_id"`
	} `json:"forward_origin"`
	InTopic   bool   `json:"is_topic_message"`
	Forward   bool   `json:"is_automatic_forward"`
	ReplyTo   *note  `json:"reply_to_message"`
	Album     string `json:"media_group_id"`
	Signature string `json:"author_signature"`

	Text     string   `json:"text"`
	Entities []entity `json:"entities"`
	Caption  string   `json:"caption"`
	Marks    []entity `json:"caption_entities"`

	Photo     []file `json:"photo"`
	Video     *file  `json:"video"`
	Animation *file  `json:"animation"`
	Document  *file  `json:"document"`
	VideoNote *file  `json:"video_note"`
	Location  *struct {
		Lat  float64 `json:"latitude"`
		Lon  float64 `json:"longitude"`
		Live int     `json:"live_period"`
	} `json:"location"`
	Venue *struct {
		Title   string `json:"title"`
		Address string `json:"address"`
	} `json:"venue"`
	Contact *struct {
		Phone string `json:"phone_number"`
		User  int64  `json:"user_id"`
	} `json:"contact"`
	Poll *struct {
		Question string `json:"question"`
		Options  []struct {
			Text string `json:"text"`
		} `json:"options"`
	} `json:"poll"`

	TopicMade   *struct{} `json:"forum_topic_created"`
	MigrateTo   int64     `json:"migrate_to_chat_id"`
	MigrateFrom int64     `json:"migrate_from_chat_id"`
}

type person struct {
	ID    int64  `json:"id"`
	Bot   bool   `json:"is_bot"`
	First string `json:"first_name"`
	Last  string `json:"last_name"`
	User  string `json:"username"`
	// Of getMe alone.
	ReadsAll bool `json:"can_read_all_group_messages"`
}

type chat struct {
	ID     int64  `json:"id"`
	Type   string `json:"type"`
	Title  string `json:"title"`
	User   string `json:"username"`
	Linked int64  `json:"linked_chat_id"` // of getChat alone
}

type entity struct {
	Type   string  `json:"type"`
	Offset int     `json:"offset"` // UTF-16 units
	Length int     `json:"length"`
	URL    string  `json:"url"`
	User   *person `json:"user"`
}

type file struct {
	ID     string `json:"file_id"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Name   string `json:"file_name"`
	Type   string `json:"mime_type"`
}

type press struct {
	ID      string  `json:"id"`
	From    *person `json:"from"`
	Message *note   `json:"message"`
	Data    string  `json:"data"`
}

type standing struct {
	Chat chat `json:"chat"`
	New  struct {
		Status string `json:"status"`
		Member bool   `json:"is_member"` // of a restricted one
	} `json:"new_chat_member"`
}

// parse reads an update. A field of a wrong type counts as absent: one odd field must not
// lose a resident's message.
func parse(raw []byte) (*update, error) {
	var u update
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &u); err != nil && !errors.As(err, &odd) {
		return nil, err
	}
	return &u, nil
}
