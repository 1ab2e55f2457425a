package regime

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"otklik/internal/calendar"
)

// A Pressure lets the ladder be climbed sooner where many people write about one thing:
// every so many different authors, each rung is told at the time of the rung below it.
type Pressure struct {
	Authors int    `json:"authors"`
	Check   string `json:"check,omitempty"`
}

// Rungs returns by how many rungs the ladder is climbed sooner.
func (p *Pressure) Rungs(authors int) int {
	if p == nil || p.Authors <= 0 {
		return 0
	}
	return min(authors/p.Authors, len(Whos()))
}

// Words returns after how many authors a rung is climbed, in short: «за каждые 5 авторов».
func (p *Pressure) Words() string {
	if p == nil {
		return "нет"
	}
	return "за каждые " + strconv.Itoa(p.Authors) + " авторов"
}

// Sentence says what the pressure does, in Russian.
func (p *Pressure) Sentence() string {
	if p == nil {
		return "О сроке говорят по времени, сколько бы людей ни писало."
	}
	return fmt.Sprintf("Когда об одном пишут %d разных авторов, о сроке говорят на ступень раньше: каждому тогда, когда пришла бы очередь того, кто ниже; при %d авторах — на две ступени, и так далее. Нижней ступени говорят сразу.",
		p.Authors, 2*p.Authors)
}

// rungTimes returns when each rung of a ladder is reached: by time, and no later by pressure.
func (d *Deadline) rungTimes(c *calendar.Calendar) (times []time.Time, pressed []bool, err error) {
	plain := make([]time.Time, len(d.rungs))
	for k, r := range d.rungs {
		if plain[k], err = r.at(d.Due, c); err != nil {
			return nil, nil, err
		}
	}
	times, pressed = slices.Clone(plain), make([]bool, len(plain))
	for k := range plain {
		if d.sooner == 0 {
			continue
		}
		at := d.Start
		if k >= d.sooner {
			at = plain[k-d.sooner]
		}
		if at.Before(plain[k]) {
			times[k], pressed[k] = at, true
		}
	}
	return times, pressed, nil
}
