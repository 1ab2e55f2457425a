package staff_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"slices"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// fakeFiles holds what the pages read of attachments.
type fakeFiles struct {
	attachment.Store
	h *house
}

func (h *house) Attachments() attachment.Store { return fakeFiles{h: h} }

func (f fakeFiles) sees(ctx context.Context, sc scope.Scope, a *attachment.Attachment) bool {
	_, err := f.h.Incidents().Incident(ctx, sc, incident.ID(a.Incident))
	return err == nil
}

func (f fakeFiles) Attachment(ctx context.Context, sc scope.Scope, id attachment.ID) (*attachment.Attachment, error) {
	for k := range f.h.files {
		if a := f.h.files[k]; a.ID == id && f.sees(ctx, sc, &a) {
			return &a, nil
		}
	}
	return nil, fault.New(fault.NotFound, "attachment %d", id)
}

func (f fakeFiles) OfIncident(ctx context.Context, sc scope.Scope, id int64) (out []attachment.Attachment, err error) {
	for _, a := range f.h.files {
		if a.Incident == id && f.sees(ctx, sc, &a) {
			out = append(out, a)
		}
	}
	return out, nil
}

func (f fakeFiles) OfMessages(_ context.Context, ids ...int64) (out []attachment.Attachment, err error) {
	for _, a := range f.h.files {
		if slices.Contains(ids, a.Message) && a.Message != 0 {
			out = append(out, a)
		}
	}
	return out, nil
}

func (f fakeFiles) Enclosed(_ context.Context, _ int64) (map[int64][]attachment.Attachment, error) {
	return f.h.enclosed, nil
}

// drawn is a picture as a phone would send it.
func drawn(side int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, side, side*3/4))
	for y := range side * 3 / 4 {
		for x := range side {
			img.SetRGBA(x, y, color.RGBA{byte(x * 255 / side), 120, byte(y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}
