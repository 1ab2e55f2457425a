// Package attachment is the vocabulary of pictures and files around an incident:
// what came with residents' messages, and what staff added: how it was, how it is.
//
// A Ref is what a source tells of a file: where it is, what sort of thing. An
// Attachment is the row that we keep of it; its bytes, where we have them, stand in
// the vault under the SHA-256 of what is shown. The bytes of a picture are never
// those that came: package picture draws it anew, so that nothing but the picture
// is left. Address, title, and what the camera wrote are erasable.
package attachment

import (
	"context"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/scope"
)

// An ID names an attachment.
type ID int64

// A Kind says what sort of thing is attached.
type Kind string

// Kinds.
const (
	Photo    Kind = "photo"
	Video    Kind = "video"    // kept as a link
	Document Kind = "document" // PDF; given to download, never shown inside a page
	Link     Kind = "link"
)

var kindWords = map[Kind]string{Photo: "фото", Video: "видео", Document: "документ", Link: "ссылка"}

// Name returns the kind's Russian word.
func (k Kind) Name() string { return kindWords[k] }

// A State says whether we have the bytes.
type State string

// States.
const (
	Wanted State = "wanted" // to be fetched, where its source is a live one
	Kept   State = "kept"   // in the vault
	Lost   State = "lost"   // it could not be had; Why says why. The message stands without it
	Linked State = "linked" // never fetched: a video, a link
)

// A Part says what a picture shows of the case.
type Part string

// Parts.
const (
	NoPart Part = ""
	Before Part = "before" // the trouble
	After  Part = "after"  // what was done
)

var partWords = map[Part]string{Before: "было", After: "стало"}

// Name returns the part's Russian word.
func (p Part) Name() string { return partWords[p] }

// Reasons why an attachment is Lost.
const (
	NotFound  = "not_found" // the network has it no more
	TooLarge  = "too_large" //
	Unfit     = "unfit"     // no picture and no document that we take
	Forbidden = "forbidden" // a host that the source does not keep files at
	GaveUp    = "gave_up"   // tried long enough
	NoSource  = "no_source" // the file of an import lay not beside it
)

// A Ref is what a source tells of a file.
type Ref struct {
	Kind  Kind
	Name  string // id at the network, «photo-1_2»; "" = the address names it
	URL   string // https, or of an export: the path inside its folder
	Title string // may be empty; a resident's words
}

// ByName begins the name of a file whose bytes the network gives for the name: its address
// is made anew for each fetch and is never stored, because it holds a secret.
const ByName = "file:"

// Fetchable reports whether bytes can be asked for: at the address or by the name. A document
// at an address is asked for only where its network names it, for then its type is known.
func (r Ref) Fetchable() bool {
	named := strings.HasPrefix(r.Name, ByName) && r.URL == ""
	return r.Kind == Photo && (r.URL != "" || named) || r.Kind == Document && (named || r.URL != "" && r.Name != "")
}

// Key names the file within its message.
func (r Ref) Key() string {
	if r.Name != "" {
		return r.Name
	}
	return r.URL
}

// A File is what the vault keeps of one picture or document.
type File struct {
	Hash          string // SHA-256 of the bytes that are shown, hex
	Small         string // of the small picture; "" for a document
	Kind          Kind   // Photo or Document
	Type          string // media type, as found in the bytes
	Bytes         int64
	Width, Height int // pixels; 0 for a document

	// What the camera wrote, taken out of the picture; erasable.
	TakenAt  time.Time // as the camera's clock stood, without a zone; zero = unknown
	Lat, Lon float64   // 0, 0 = unknown
}

// An Attachment is one picture or file of an incident.
type Attachment struct {
	ID       ID
	Incident int64 // that staff added it to; of a message: that the message is attached to, 0 for none
	Message  int64 // that it came with; 0 for what staff added
	Source   string
	Ref
	State State
	Why   string // of Lost
	Part  Part
	File  // zero until it is Kept
	By    account.ID
	At    time.Time
	Tries int
	Next  time.Time // of Wanted: not before
	Place scope.Place
}

// Shown returns the kind of what is there: that of the bytes, else of the reference.
func (a *Attachment) Shown() Kind {
	if a.State == Kept {
		return a.File.Kind
	}
	return a.Ref.Kind
}

// Picture reports whether it can be looked at.
func (a *Attachment) Picture() bool { return a.State == Kept && a.File.Kind == Photo }

// A Gallery is the public page of the pictures of one reply.
type Gallery struct {
	Reply    int64
	Incident int64
	Files    []Attachment
}

// Most that one message brings, and that one reply or incident takes.
const (
	MostOfMessage  = 20
	MostOfReply    = 10
	MostOfIncident = 60
)

// A Store keeps attachments.
type Store interface {
	Add(ctx context.Context, a *Attachment) error  // what staff added
	Save(ctx context.Context, a *Attachment) error // state, part, file, tries
	Remove(ctx context.Context, id ID) error       // with the words; its bytes go with the next Forgotten
	Attachment(ctx context.Context, sc scope.Scope, id ID) (*Attachment, error)
	// OfIncident returns what staff added and what came with its messages, oldest first.
	OfIncident(ctx context.Context, sc scope.Scope, incident int64) ([]Attachment, error)
	// OfMessages returns what came with messages, whatever incident they are of.
	OfMessages(ctx context.Context, messages ...int64) ([]Attachment, error)
	// Wanted returns what is to be fetched of the sources, oldest first.
	Wanted(ctx context.Context, sources []string, now time.Time, limit int) ([]Attachment, error)

	// Enclose sets what goes with a reply, in this order.
	Enclose(ctx context.Context, reply int64, region string, ids []ID) error
	// Enclosed returns what goes with the replies of an incident, by reply.
	Enclosed(ctx context.Context, incident int64) (map[int64][]Attachment, error)
	// Publish makes the gallery of a reply reachable under the secret.
	Publish(ctx context.Context, secret string, reply int64, region string) error
	// Gallery is NotFound for an unknown secret and for a reply that is not on its way or published.
	Gallery(ctx context.Context, secret string) (*Gallery, error)

	// Held reports which of the hashes some row refers to.
	Held(ctx context.Context, hashes []string) (map[string]bool, error)
	// Forgotten returns hashes whose row was taken away; Gone strikes them off.
	Forgotten(ctx context.Context, limit int) ([]string, error)
	Gone(ctx context.Context, hashes []string) error
}
