package portal

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/shield"
	"otklik/internal/site"
	"otklik/internal/upload"
)

// Names of what the form of a report carries for files and for the task against abuse.
const (
	fieldToken = "files" // hidden, one of each upload; a ticked box "drop" with the token takes it away
	fieldDrop  = "drop"
)

// pieceTime is how long one piece of an upload may take on a bad network.
const pieceTime = 5 * time.Minute

func (p *Portal) uploadRoutes() []site.Route {
	open := site.Access{Open: true}
	var routes []site.Route
	if p.Shield != nil {
		routes = append(routes, site.Route{Method: "GET", Pattern: "/report/challenge", Access: open, Handler: p.challenge})
	}
	if p.Uploads == nil {
		return routes
	}
	return append(routes,
		site.Route{Method: "POST", Pattern: "/upload", Access: open, Handler: p.beginUpload},
		site.Route{Method: "PATCH", Pattern: "/upload/{token}", Access: open, Handler: p.writeUpload},
		site.Route{Method: "HEAD", Pattern: "/upload/{token}", Access: open, Handler: p.stateUpload},
		site.Route{Method: "DELETE", Pattern: "/upload/{token}", Access: open, Handler: p.removeUpload},
	)
}

// TakeFiles reads the form of a report with its files. Afterwards r.PostForm holds the fields.
// files are the uploads of the form: those that it brought before (hidden fields "files"),
// without those that were ticked away, and those that came now. refused says in words
// which were not taken. An error is about the form as a whole and has a sentence.
func (p *Portal) TakeFiles(w http.ResponseWriter, r *http.Request) (files []upload.File, refused []upload.Refusal, err error) {
	var came []upload.File
	if p.Uploads == nil || !site.Uploads(r) {
		if _, err := site.Form(w, r, 2<<20); err != nil || p.Uploads == nil {
			return nil, nil, err
		}
	} else if _, came, refused, err = p.Uploads.Form(w, r, p.Site.Visitor(r), 0); err != nil {
		return came, refused, err
	}
	var before []string
	for _, t := range r.PostForm[fieldToken] {
		switch {
		case t == "" || slices.Contains(before, t):
		case slices.Contains(r.PostForm[fieldDrop], t):
			_ = p.Uploads.Remove(r.Context(), t) // it may be gone already; else the sweep takes it
		default:
			before = append(before, t)
		}
	}
	if files, err = p.Uploads.Files(r.Context(), before); err != nil {
		return came, refused, err
	}
	if lost := len(before) - len(files); lost > 0 {
		refused = append(refused, upload.Refusal{Say: "Файлы, которые вы приложили раньше, уже не хранятся: " + strconv.Itoa(lost) + ". Приложите их ещё раз."})
	}
	files = slices.DeleteFunc(files, func(f upload.File) bool { return !f.Whole() })
	for k := range came {
		if len(files) == p.Uploads.Limits.Files {
			_ = p.Uploads.Remove(r.Context(), came[k].Token)
			if len(refused) == 0 || refused[len(refused)-1].Say != fault.Sentence(upload.TooMany(p.Uploads.Limits.Files)) {
				refused = append(refused, upload.Refusal{Title: came[k].Title, Say: fault.Sentence(upload.TooMany(p.Uploads.Limits.Files))})
			}
			continue
		}
		files = append(files, came[k])
	}
	return files, refused, nil
}

// Tokens returns what upload.Claim takes.
func Tokens(files []upload.File) (list []string) {
	for k := range files {
		list = append(list, files[k].Token)
	}
	return list
}

// An uploaded is what the form's program is told of an upload.
type uploaded struct {
	Token  string   `json:"token"`
	Offset int64    `json:"offset"`
	Size   int64    `json:"size"`
	Kind   string   `json:"kind,omitempty"` // photo, video, document; absent until it is whole
	Title  string   `json:"title,omitempty"`
	Taken  string   `json:"taken,omitempty"` // as the camera's clock stood, «2026-11-23T14:05»
	Lat    *float64 `json:"lat,omitempty"`   // where the camera was: a hint for the place
	Lon    *float64 `json:"lon,omitempty"`
}

func told(w http.ResponseWriter, status int, f *upload.File) {
	v := uploaded{Token: f.Token, Offset: f.Offset, Size: f.Size, Kind: string(f.Kind), Title: f.Title}
	if !f.TakenAt.IsZero() {
		v.Taken = f.TakenAt.Format("2006-01-02T15:04")
	}
	if f.Lat != 0 || f.Lon != 0 {
		v.Lat, v.Lon = &f.Lat, &f.Lon
	}
	tell(w, status, v)
}

func tell(w http.ResponseWriter, status int, v any) {
	hide(w)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the visitor may have left
}

// say answers an error of an upload with its sentence, for the form's program to show.
func say(w http.ResponseWriter, err error) error {
	sentence := fault.Sentence(err)
	if sentence == "" {
		return err
	}
	status := site.Status(err)
	if fault.Is(err, fault.Forbidden) { // a limit of an address
		status = http.StatusTooManyRequests
	}
	tell(w, status, map[string]string{"error": sentence})
	return nil
}

// beginUpload makes room for a file: Upload-Length in bytes, Upload-Name as encodeURIComponent
// writes it. The answer is 201 with Location.
func (p *Portal) beginUpload(w http.ResponseWriter, r *http.Request) error {
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil {
		size = -1
	}
	name, err := url.PathUnescape(r.Header.Get("Upload-Name"))
	if err != nil {
		name = ""
	}
	f, err := p.Uploads.Begin(r.Context(), p.Site.Visitor(r), name, size)
	if err != nil {
		return say(w, err)
	}
	w.Header().Set("Location", "/upload/"+f.Token)
	w.Header().Set("Upload-Offset", "0")
	told(w, http.StatusCreated, f)
	return nil
}

func (p *Portal) writeUpload(w http.ResponseWriter, r *http.Request) error {
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return say(w, fault.New(fault.Invalid, "no Upload-Offset").Say("Загрузка сбилась. Приложите файл ещё раз."))
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(pieceTime)) // a test's recorder has none
	f, err := p.Uploads.Write(r.Context(), r.PathValue("token"), offset, r.Body)
	if f != nil {
		w.Header().Set("Upload-Offset", strconv.FormatInt(f.Offset, 10))
	}
	if err != nil {
		return say(w, err)
	}
	told(w, http.StatusOK, f)
	return nil
}

func (p *Portal) stateUpload(w http.ResponseWriter, r *http.Request) error {
	f, err := p.Uploads.State(r.Context(), r.PathValue("token"))
	if err != nil {
		return say(w, err)
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(f.Offset, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(f.Size, 10))
	hide(w)
	return nil
}

func (p *Portal) removeUpload(w http.ResponseWriter, r *http.Request) error {
	if err := p.Uploads.Remove(r.Context(), r.PathValue("token")); err != nil && !fault.Is(err, fault.NotFound) {
		return say(w, err)
	}
	hide(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// challenge hands the browser a task before the form is sent: it is solved when one is asked for.
func (p *Portal) challenge(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Shield.Challenge(p.Site.Visitor(r))
	if err != nil {
		return say(w, err)
	}
	tell(w, http.StatusOK, c)
	return nil
}

// fileWords says what an upload is: «фото, 2,1 МБ».
func fileWords(f *upload.File) string {
	mb := float64(f.Size) / (1 << 20)
	size := strconv.Itoa(int(max(f.Size>>10, 1))) + " КБ"
	if mb >= 1 {
		size = strings.Replace(strconv.FormatFloat(mb, 'f', 1, 64), ".", ",", 1) + " МБ"
	}
	return f.Kind.Name() + ", " + size
}

// accepts is what the file chooser of a browser offers.
const accepts = "image/jpeg,image/png,image/webp,image/gif,video/mp4,video/quicktime,video/3gpp,application/pdf"

// Hinted returns the first position that a camera wrote into the files.
func Hinted(files []upload.File) (lat, lon float64, ok bool) {
	for k := range files {
		if f := &files[k]; f.Lat != 0 || f.Lon != 0 {
			return f.Lat, f.Lon, true
		}
	}
	return 0, 0, false
}

// taskJSON is the challenge for the page's program.
func taskJSON(a *shield.Ask) string {
	b, _ := json.Marshal(a.Challenge) // strings and numbers
	return string(b)
}

// trapField has a name that programs like to fill in; people neither see nor reach it.
const trapField = "website"

// Attempt fills in what the form says of a task; the caller adds the rest.
func (p *Portal) Attempt(r *http.Request) shield.Attempt {
	f := r.PostForm
	return shield.Attempt{Address: p.Site.Visitor(r), Solved: f.Get("altcha"), Question: f.Get("question"), Answer: f.Get("answer"), Unchecked: f.Get("unchecked") != "",
		Trap: f.Get(trapField), Seconds: p.Shield.Since(f.Get("made"))}
}
