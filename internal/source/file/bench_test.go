package file_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"otklik/internal/source/file"
)

func BenchmarkRecords(b *testing.B) {
	text := strings.Repeat("Не горит фонарь у дома на Лесной. ", 6)
	var table, lines, dump strings.Builder
	table.WriteString("id,text\n")
	dump.WriteString(`{"response":{"items":[`)
	for i := range 2000 {
		fmt.Fprintf(&table, "%d,\"%s\"\n", i, text)
		fmt.Fprintf(&lines, "{\"id\":%d,\"text\":\"%s\"}\n", i, text)
		if i > 0 {
			dump.WriteByte(',')
		}
		fmt.Fprintf(&dump, `{"id":%d,"owner_id":-1,"from_id":2,"date":1772445600,"text":"%s"}`, i+1, text)
	}
	dump.WriteString(`]}}`)
	for format, in := range map[string]string{"csv": table.String(), "jsonl": lines.String(), "vk": dump.String()} {
		b.Run(format, func(b *testing.B) {
			f, err := file.Open(format, file.Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				for rec, err := range f.Records(context.Background(), "a", strings.NewReader(in)) {
					if err != nil || rec.Err != nil {
						b.Fatal(err, rec.Err)
					}
				}
			}
			b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}
