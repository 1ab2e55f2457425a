package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"

	"otklik/internal/attachment"
)

// The pictures of the demo are drawn here: nobody's yard, nobody's car number.

// A canvas is a picture under the brush, 640 by 480.
type canvas struct{ *image.RGBA }

func rgb(hex uint32) color.RGBA {
	return color.RGBA{byte(hex >> 16), byte(hex >> 8), byte(hex), 255}
}

// A shape is what is inside of it, and the rectangle that it lies in.
type shape struct {
	in   func(x, y float64) bool
	rect image.Rectangle
}

func (c canvas) fill(s shape, paint color.RGBA) {
	r := s.rect.Intersect(c.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if s.in(float64(x), float64(y)) {
				grain := byte((x*31 + y*17 + x*y) % 5)
				p := paint
				p.R, p.G, p.B = p.R-min(p.R, grain), p.G-min(p.G, grain), p.B-min(p.B, grain)
				c.SetRGBA(x, y, p)
			}
		}
	}
}

func box(x0, y0, x1, y1 float64) shape {
	return shape{func(x, y float64) bool { return x >= x0 && x < x1 && y >= y0 && y < y1 }, around(x0, y0, x1, y1)}
}

func around(x0, y0, x1, y1 float64) image.Rectangle {
	return image.Rect(int(x0)-1, int(y0)-1, int(x1)+2, int(y1)+2)
}

// where is the part of the whole canvas for which in says so.
func where(in func(x, y float64) bool) shape { return shape{in, image.Rect(0, 0, 640, 480)} }

// blot is an ellipse with an uneven edge.
func blot(cx, cy, rx, ry, rough float64) shape {
	most := 1 + rough
	return shape{func(x, y float64) bool {
		dx, dy := (x-cx)/rx, (y-cy)/ry
		edge := 1 + rough*math.Sin(5*math.Atan2(dy, dx)+cx)
		return dx*dx+dy*dy < edge*edge
	}, around(cx-rx*most, cy-ry*most, cx+rx*most, cy+ry*most)}
}

// street is the place where all of it happens: sky, houses, a road that narrows.
func (c canvas) street(variant int, night bool) {
	sky, wall, road := []uint32{0xbfd4e6, 0xcfd6dc, 0xd9e3ea}[variant], []uint32{0xc9b79c, 0xb7a9a0, 0xa9b4ae}[variant], uint32(0x6b6d70)
	if night {
		sky, wall, road = 0x1b2333, 0x2b2a2c, 0x2f3033
	}
	c.fill(box(0, 0, 640, 480), rgb(sky))
	for k := range 3 {
		x := float64(20 + 215*k + 30*variant)
		c.fill(box(x, 90, x+170, 260), rgb(wall))
		for row := range 3 {
			for w := range 4 {
				glass := uint32(0x5c6f7d)
				if night && (row+w+k+variant)%3 == 0 {
					glass = 0xe9cf7a
				}
				c.fill(box(x+14+38*float64(w), 108+48*float64(row), x+36+38*float64(w), 136+48*float64(row)), rgb(glass))
			}
		}
	}
	grass := uint32(0x7d8c5f)
	if night {
		grass = 0x23281f
	}
	c.fill(box(0, 255, 640, 480), rgb(grass))
	c.fill(where(func(x, y float64) bool { return y > 270 && math.Abs(x-320) < 120+(y-270)*1.1 }), rgb(road))
}

// variants is how many pictures there are of each scene.
const variants = 3

// scenes are what can be wrong, and how it looks before and after.
var scenes = map[string]func(c canvas, variant int, part attachment.Part){
	"pothole": func(c canvas, v int, part attachment.Part) {
		c.street(v, false)
		x := 300 + 30*float64(v)
		if part == attachment.Before {
			c.fill(blot(x, 390, 110, 38, .14), rgb(0x4a443d))
			c.fill(blot(x+8, 396, 78, 24, .1), rgb(0x2f2b27))
			c.fill(blot(x-5, 398, 46, 11, .1), rgb(0x8fa3ad))
			return
		}
		c.fill(box(x-125, 350, x+125, 430), rgb(0x3c3d40))
	},
	"snow": func(c canvas, v int, part attachment.Part) {
		c.street(v, false)
		c.fill(where(func(x, y float64) bool { return y > 255 && math.Abs(x-320) > 115+(y-270)*1.1 }), rgb(0xe9edf0))
		if part == attachment.Before {
			c.fill(where(func(x, y float64) bool { return y > 275 && math.Abs(x-320) < 120+(y-270)*1.1 }), rgb(0xe3e7ea))
			c.fill(blot(270+40*float64(v), 380, 150, 70, .12), rgb(0xf6f8f9))
			c.fill(blot(270+40*float64(v), 415, 150, 30, .1), rgb(0xcfd6db))
		}
	},
	"bins": func(c canvas, v int, part attachment.Part) {
		c.street(v, false)
		for k := range 3 {
			x := 150 + 120*float64(k)
			c.fill(box(x, 320, x+95, 420), rgb(0x3f6b4f))
			c.fill(box(x-4, 312, x+99, 326), rgb(0x2f523c))
		}
		if part == attachment.Before {
			for k := range 14 {
				x, y := 130+float64(k*67%360), 300+float64(k*41%140)
				c.fill(blot(x, y, 26, 20, .15), rgb([]uint32{0x1f1f22, 0xd8d8d2, 0x40507a, 0x8a5a3a}[(k+v)%4]))
			}
		}
	},
	"lamp": func(c canvas, v int, part attachment.Part) {
		c.street(v, true)
		x := 180 + 60*float64(v)
		if part == attachment.After {
			c.fill(where(func(px, py float64) bool { return py > 120 && math.Abs(px-x-60) < (py-110)*.55 }), rgb(0x5b5640))
		}
		c.fill(box(x, 110, x+9, 420), rgb(0x15171a))
		c.fill(box(x, 104, x+66, 113), rgb(0x15171a))
		head := uint32(0x3a3d42)
		if part == attachment.After {
			head = 0xffedb0
		}
		c.fill(blot(x+62, 116, 24, 10, 0), rgb(head))
	},
	"puddle": func(c canvas, v int, part attachment.Part) {
		c.street(v, false)
		c.fill(blot(320, 330, 34, 12, 0), rgb(0x2c2d2f))
		if part == attachment.Before {
			c.fill(blot(320+20*float64(v), 390, 240, 62, .08), rgb(0x8ea4b1))
			c.fill(blot(300, 380, 120, 20, .1), rgb(0xa9bcc6))
		}
	},
}

// sceneOf says what a trouble of the demo looks like.
func sceneOf(key string) string {
	switch key {
	case "roads", "danger", "obscene":
		return "pothole"
	case "snow":
		return "snow"
	case "waste", "dogs", "green", "playground", "vague":
		return "bins"
	case "light", "power":
		return "lamp"
	}
	return "puddle"
}

// snapshot draws a scene as a phone would send it.
func snapshot(scene string, variant int, part attachment.Part) ([]byte, error) {
	c := canvas{image.NewRGBA(image.Rect(0, 0, 640, 480))}
	scenes[scene](c, variant, part)
	var b bytes.Buffer
	err := jpeg.Encode(&b, c.RGBA, &jpeg.Options{Quality: 82})
	return b.Bytes(), err
}
