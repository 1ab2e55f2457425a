package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/lookout"
	"otklik/internal/site"
	"otklik/internal/standing"
)

// A Forgotten says how many examples of earlier versions were erased.
type Forgotten struct {
	Examples int64 `json:"examples"`
}

// addVersions adds what is done with versions of a saved query.
func (a *API) addVersions(op func(method, path, summary string) huma.Operation, see, edit site.Access) {
	add(a, op(http.MethodGet, "/watches/{id}/versions", "The versions of a query, whole, newest first"), see, func(ctx context.Context, me *Caller, in *watchPath) (*body[[]WatchVersion], error) {
		w, _ := ctx.Value(watchKey{}).(*lookout.Watch)
		list, err := a.Lookout.Versions(ctx, standing.ID(in.ID))
		out := &body[[]WatchVersion]{[]WatchVersion{}}
		for k := range list {
			v := &list[k]
			out.Body = append(out.Body, WatchVersion{Version: v.Version, Name: v.Name, Query: v.Text, Note: v.Note, On: v.On,
				Territories: orEmpty(v.Territories), Unplaced: v.Unplaced, Channels: orEmpty(v.Channels), KnowsWhere: v.KnowsWhere,
				Examples: a.examplesFor(me, w, v.Examples), KnowsWords: v.KnowsWords, ChangedBy: int64(v.ChangedBy), ChangedAt: at(v.ChangedAt)})
		}
		return out, err
	})
	back := op(http.MethodPost, "/watches/{id}/return", "Make an earlier version the newest one")
	back.Description = "Name, text, note, state, territories, channels and examples are as they were; what the version does not know stays as it is now."
	add(a, back, edit, func(ctx context.Context, me *Caller, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body struct {
			To      int  `json:"to" minimum:"1" doc:"The version to return to"`
			Version int  `json:"version,omitempty" minimum:"0" doc:"The version that you read; absent: whatever is stored"`
			Anyway  bool `json:"anyway,omitempty" doc:"Save although an example is not kept; the audit records it"`
		}
	}) (*body[Watch], error) {
		id := standing.ID(in.ID)
		if _, err := a.Lookout.Return(ctx, me.Actor(), id, in.Body.Version, in.Body.To, in.Body.Anyway); err != nil {
			return nil, err
		}
		w, err := a.Lookout.One(ctx, me.Scope(), id)
		if err != nil {
			return nil, err
		}
		return &body[Watch]{a.watchOf(me, w)}, nil
	})
	add(a, op(http.MethodPost, "/watches/{id}/forget", "Erase the examples of all earlier versions"), edit, func(ctx context.Context, me *Caller, in *watchPath) (*body[Forgotten], error) {
		n, err := a.Lookout.Forget(ctx, me.Actor(), standing.ID(in.ID))
		if err != nil {
			return nil, err
		}
		return &body[Forgotten]{Forgotten{n}}, nil
	})
}
