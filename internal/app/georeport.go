package app

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/georeport"
	"otklik/internal/publicface"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source"
)

// georeportWait is how long a POST by Open311 waits for the number of its request.
const georeportWait = 2 * time.Second

// georeport is our own server of Open311.
func (a *App) georeport() *georeport.Server {
	behind, header, _ := a.Config.Proxy.Networks() // Load has validated it
	proxies := site.Proxies{Trusted: behind, Header: header}
	return georeport.New(georeport.Options{
		Cases: func(ctx context.Context, rule publicface.Rule, q publicface.Query) ([]publicface.Case, error) {
			return a.DB.PublicCases(ctx, a.publicScope(), rule, q)
		},
		Rule: func() publicface.Rule { return publicface.New(a.Book().Regimes()) }, Tx: a.DB.Reader, Senders: func() []source.Sender { return a.sendersBy(true) },
		Push: a.push, Upload: a.keepUpload, Refused: a.refusedPush, Topics: a.Topics, Covers: inside(a.region()), Files: a.Vault, Mask: a.masked, Zone: a.zoneAt,
		Region: a.region(), Contact: a.Config.Public.Contact, Base: a.base, Visitor: proxies.Visitor, Now: a.Now, Log: a.Log, Wait: georeportWait,
	})
}

// publicScope is what this centre shows to everybody: its region.
func (a *App) publicScope() scope.Scope {
	if r := a.region(); r != "" {
		return scope.OfRegion(r)
	}
	return scope.All()
}

// base is the address under which a visitor sees us.
func (a *App) base(r *http.Request) string {
	switch {
	case a.Config.Site != "":
		return a.Config.Site
	case a.Config.Secure || r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// margin is by how much a point may lie beyond the outline of a region, in degrees: outlines
// are coarse, and a request at the border is better looked at than refused.
const margin = 0.5

// inside returns whether a point may be of the region; nil where nobody can tell.
func inside(region string) func(lat, lon float64) bool {
	rings := outline(region)
	if region == "" || len(rings) == 0 {
		return nil
	}
	box := [4]float64{90, 180, -90, -180}
	for _, ring := range rings {
		for _, p := range ring {
			lon, lat := p[0], p[1]
			box = [4]float64{min(box[0], lat), min(box[1], lon), max(box[2], lat), max(box[3], lon)}
		}
	}
	return func(lat, lon float64) bool {
		return lat >= box[0]-margin && lat <= box[2]+margin && lon >= box[1]-margin && lon <= box[3]+margin
	}
}

// Bounds of pictures that come with a request.
const (
	uploadLimit = 10 << 20
	uploadDays  = 24 * time.Hour // until then the fetcher has drawn it anew
)

func (a *App) uploads() string { return a.filesDir() + "-incoming" }

// keepUpload stores the bytes of a picture until it is drawn anew, and returns the name by which
// fileBytes gives them.
func (a *App) keepUpload(_ context.Context, _ string, r io.Reader) (name string, err error) {
	defer fault.Wrap(&err, "app.keepUpload")
	b, err := io.ReadAll(io.LimitReader(r, uploadLimit+1))
	if err != nil {
		return "", err
	}
	switch http.DetectContentType(b) {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
	default:
		return "", fault.New(fault.Invalid, "no picture").At("media").Say("Это не снимок. Подойдут JPEG, PNG, GIF и WebP.")
	}
	if len(b) > uploadLimit {
		return "", fault.New(fault.Invalid, "a picture over %d bytes", uploadLimit).At("media").Say("Снимок больше 10 МБ. Уменьшите его.")
	}
	if err := os.MkdirAll(a.uploads(), 0o700); err != nil {
		return "", err
	}
	name = strings.ToLower(rand.Text())
	f, err := os.OpenFile(filepath.Join(a.uploads(), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	dir, err := os.Open(a.uploads())
	if err != nil {
		return "", err
	}
	return attachment.ByName + name, errors.Join(dir.Sync(), dir.Close())
}

// uploaded opens a stored picture; false for a name that is none of an upload.
func (a *App) uploaded(id, name string) (io.ReadCloser, bool, error) {
	name, ok := strings.CutPrefix(name, attachment.ByName)
	s, known := a.Roster.Of(id)
	if !ok || !known || s.Kind != source.Hook || strings.ContainsAny(name, `./\`) {
		return nil, false, nil
	}
	f, err := os.Open(filepath.Join(a.uploads(), name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, true, source.Fail(source.Permanent, "Снимка больше нет.", "an upload is gone")
	}
	return f, true, err
}

// sweepUploads removes pictures that were drawn anew long ago, or that no message came with.
func (a *App) sweepUploads() error {
	list, err := os.ReadDir(a.uploads())
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	for _, e := range list {
		if at, err := e.Info(); err == nil && a.Now().Sub(at.ModTime()) > uploadDays {
			if err := os.Remove(filepath.Join(a.uploads(), e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
