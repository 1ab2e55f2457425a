package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
)

// BenchmarkDrop writes batches of 250 dropped messages of a kilobyte into a full ring.
func BenchmarkDrop(b *testing.B) {
	db := openSQLite(b)
	text := strings.Repeat("Сегодня хорошая погода. ", 25)
	list := make([]message.Message, 250)
	n, at := 0, time.Unix(1_760_000_000, 0)
	for b.Loop() {
		for k := range list {
			n++
			list[k] = message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: fmt.Sprintf("wall-1_%d_r%d", n/100, n),
				Event: message.Written, Revision: message.HashOf(fmt.Sprint(n)), Thread: fmt.Sprintf("wall-1_%d", n/100), Text: text, SeenAt: at, PublishedAt: at}
		}
		err := db.Change(context.Background(), incident.Machine, func(tx incident.Tx) error { return tx.Ring().Drop(context.Background(), "run", list) })
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/message")
}
