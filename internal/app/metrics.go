package app

import (
	"net/http"

	"github.com/VictoriaMetrics/metrics"
)

// metrics serves what monitoring asks for: the process, and what intake has done
// since the start. Labels hold fates only, never sources or words.
func (a *App) metrics() http.Handler {
	metrics.ExposeMetadata(true)
	set := metrics.NewSet()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := a.Intake.Counted()
		for fate, n := range map[string]int64{
			"duplicate": s.Duplicate, "not_ours": s.NotOurs, "opened": s.Opened, "attached": s.Attached,
			"kept_without_incident": s.KeptWithoutIncident, "rejected": s.Rejected,
		} {
			set.GetOrCreateCounter(`otklik_messages_total{fate="` + fate + `"}`).Set(uint64(n))
		}
		for fate, n := range a.Dialogue.Counted() {
			set.GetOrCreateCounter(`otklik_talks_total{fate="` + fate + `"}`).Set(uint64(n))
		}
		for why, n := range a.Intake.LeftOut() {
			set.GetOrCreateCounter(`otklik_left_out_total{why="` + why + `"}`).Set(uint64(n))
		}
		for why, n := range a.Uploads.Refused() {
			set.GetOrCreateCounter(`otklik_uploads_refused_total{why="` + why + `"}`).Set(uint64(n))
		}
		if n, err := a.Uploads.Unscanned(r.Context()); err == nil {
			set.GetOrCreateCounter("otklik_uploads_unscanned").Set(uint64(n))
		}
		for fate, n := range a.Shield.Counts() {
			set.GetOrCreateCounter(`otklik_reports_checked_total{fate="` + fate + `"}`).Set(uint64(n))
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		set.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	})
}
