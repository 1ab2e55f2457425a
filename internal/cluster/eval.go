package cluster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"time"

	"otklik/internal/fault"
	"otklik/internal/russian"
)

// A Summary is the outcome of an evaluation: precision and recall over pairs of
// messages that stand in one cluster.
type Summary struct {
	N         int     `json:"n"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	// Messages per CPU second, in the order of the stream, each message once:
	// analysed texts go in, clusters come out (key, search, comparison, adding).
	Speed float64 `json:"messages_per_second"`
	// The same with the analysis of the text, the cache of words being empty at first.
	WithReading float64 `json:"messages_per_second_with_reading"`
	// Making the key alone.
	Keys     float64 `json:"keys_per_second"`
	Clusters int     `json:"clusters"` // found, singles included
}

// A Prediction is one case as `otklik eval clusters --predictions` writes it.
type Prediction struct {
	ID        string     `json:"id"`
	Gold      string     `json:"gold"`
	Predicted []string   `json:"predicted"` // ids of earlier messages that are near, the nearest first
	Scores    []float64  `json:"scores"`
	Refused   bool       `json:"refused"` // no earlier message is near
	Spans     []struct{} `json:"spans"`
	Cluster   string     `json:"cluster"` // id of the first message of the cluster
}

// shown is how many near messages a prediction names.
const shown = 5

// Evaluate reads cases from r, a JSON object {id, text, cluster} a line in the
// order of the stream, and puts each message into the cluster of the nearest
// earlier one. read analyses a text into t; cpu is the processor time used so
// far. Each case is given to each when that is not nil.
func Evaluate(r io.Reader, read func(t *russian.Text, text string), cpu func() time.Duration, each func(Prediction) error) (s Summary, err error) {
	defer fault.Wrap(&err, "cluster.Evaluate")
	var ids, texts, gold []string
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), 16<<20)
	for line := 1; sc.Scan(); line++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		var c struct{ ID, Text, Cluster string }
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			return s, fault.New(fault.Invalid, "line %d is no test case: want {id, text, cluster}", line)
		}
		ids, texts, gold = append(ids, c.ID), append(texts, c.Text), append(gold, c.Cluster)
	}
	if err := sc.Err(); err != nil {
		return s, fault.New(fault.Invalid, "%w", err)
	}
	if len(ids) == 0 {
		return s, fault.New(fault.Invalid, "the file holds no test case").Mend("give a JSON object {id, text, cluster} a line")
	}
	index := NewIndex(Capacity)
	of := make([]int, len(ids)) // the first message of the cluster
	found := make([][]Match, len(ids))
	var batch [64]russian.Text // as many as a burst brings; small enough to stay near
	var k Key
	var room []Match
	var reading, keys, online time.Duration
	for from := 0; from < len(ids); from += len(batch) {
		to := min(from+len(batch), len(ids))
		begin := cpu()
		for i := from; i < to; i++ {
			read(&batch[i-from], texts[i])
		}
		analysed := cpu()
		for i := from; i < to; i++ {
			k.Read(&batch[i-from])
		}
		keyed := cpu()
		for i := from; i < to; i++ {
			k.Read(&batch[i-from])
			room = index.Near(&k, time.Time{}, Near, shown, room)
			of[i] = i
			if len(room) > 0 {
				of[i] = of[room[0].ID]
				found[i] = append([]Match(nil), room...)
			}
			index.Add(int64(i), time.Time{}, &k)
		}
		reading, keys, online = reading+analysed-begin, keys+keyed-analysed, online+cpu()-keyed
	}
	s.Keys = per(len(ids), keys)
	s.N, s.Speed, s.WithReading = len(ids), per(len(ids), online), per(len(ids), reading+online)
	s.pairs(of, gold)
	if each == nil {
		return s, nil
	}
	for i := range ids {
		p := Prediction{ID: ids[i], Gold: gold[i], Predicted: []string{}, Scores: []float64{}, Refused: len(found[i]) == 0, Spans: []struct{}{}, Cluster: ids[of[i]]}
		for _, m := range found[i] {
			p.Predicted, p.Scores = append(p.Predicted, ids[m.ID]), append(p.Scores, m.Score)
		}
		if err := each(p); err != nil {
			return s, err
		}
	}
	return s, nil
}

func per(n int, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(n) / took.Seconds()
}

// pairs counts the pairs of messages that stand in one cluster by the labels, by
// us, and by both.
func (s *Summary) pairs(of []int, gold []string) {
	type both struct {
		of   int
		gold string
	}
	labelled, ours, right := map[string]int{}, map[int]int{}, map[both]int{}
	for i := range of {
		labelled[gold[i]]++
		ours[of[i]]++
		right[both{of[i], gold[i]}]++
	}
	s.Clusters = len(ours)
	want, got, hit := pairsIn(labelled), pairsIn(ours), pairsIn(right)
	if got > 0 {
		s.Precision = float64(hit) / float64(got)
	}
	if want > 0 {
		s.Recall = float64(hit) / float64(want)
	}
	if hit > 0 {
		s.F1 = 2 * s.Precision * s.Recall / (s.Precision + s.Recall)
	}
}

func pairsIn[K comparable](sizes map[K]int) (n int) {
	for _, size := range sizes {
		n += size * (size - 1) / 2
	}
	return n
}
