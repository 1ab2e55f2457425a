package gazetteer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"otklik/data/streets"
)

// AddBundledStreets imports the streets and landmarks that come with the product
// for the regions of the index, today those of the demo region, and returns how
// many places were new. store may be nil: then the index alone knows them.
func (ix *Index) AddBundledStreets(ctx context.Context, store Store) (int, error) {
	added := 0
	for _, region := range ix.regions {
		f, err := streets.Files.Open(region + ".csv")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return added, err
		}
		report, err := ImportCSV(ctx, ix, store, region+".csv", f, Options{Region: region})
		f.Close()
		added += report.Added
		if err != nil {
			return added, err
		}
		if report.Rejected > 0 {
			return added, fmt.Errorf("gazetteer: bundled streets of %s: line %d: %s", region, report.Problems[0].Line, report.Problems[0].Reason)
		}
	}
	return added, nil
}
