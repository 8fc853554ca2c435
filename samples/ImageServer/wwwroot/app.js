// The model knows digits of 20 pixels in the middle of 28: so is the ink cut out, and sent at twice that size.
const SIDE = 56;
const INK_SIDE = 40;
const PAPER = 255;
const PEN = 34;

const paper = document.getElementById('paper');
const pen = paper.getContext('2d', { willReadFrequently: true });
const hint = document.getElementById('hint');
const status = document.getElementById('status');
let last = null;
let asked = 0;

function clear() {
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, paper.width, paper.height);
  hint.hidden = false;
  asked++;
  show('?', [], 'Waiting for a digit.');
}

function position(event) {
  const box = paper.getBoundingClientRect();
  return { x: (event.clientX - box.left) * paper.width / box.width, y: (event.clientY - box.top) * paper.height / box.height };
}

function draw(event) {
  const here = position(event);
  pen.strokeStyle = '#111';
  pen.lineWidth = PEN;
  pen.lineCap = 'round';
  pen.beginPath();
  pen.moveTo(last.x, last.y);
  pen.lineTo(here.x, here.y);
  pen.stroke();
  last = here;
}

async function open(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    show('?', [], `${file.name} is no picture that this browser can read.`, true);
    return;
  }

  clear();
  hint.hidden = true;
  const scale = Math.min(paper.width / picture.width, paper.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, (paper.width - width) / 2, (paper.height - height) / 2, width, height);
  await ask();
}

// The smallest box around what is darker than the paper, or null.
function inkBox() {
  const { data, width, height } = pen.getImageData(0, 0, paper.width, paper.height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 4 * (y * width + x);
      if (data[i] + data[i + 1] + data[i + 2] < 3 * PAPER / 2) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
  }

  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

// RGBA pixels of the ink in the middle of white paper.
function pixels(box) {
  const small = new OffscreenCanvas(SIDE, SIDE).getContext('2d');
  small.fillStyle = '#fff';
  small.fillRect(0, 0, SIDE, SIDE);
  const scale = INK_SIDE / Math.max(box.width, box.height);
  const [width, height] = [box.width * scale, box.height * scale];
  small.imageSmoothingQuality = 'high';
  small.drawImage(paper, box.left, box.top, box.width, box.height, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  return small.getImageData(0, 0, SIDE, SIDE).data;
}

async function ask() {
  const box = inkBox();
  if (!box) {
    show('?', [], 'There is no ink on the paper.', true);
    return;
  }

  const question = ++asked;
  status.textContent = 'Asking …';
  try {
    const response = await fetch(`predict?width=${SIDE}&height=${SIDE}`, { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: pixels(box) });
    const answer = await response.json();
    if (question !== asked) {
      return; // The paper has changed meanwhile.
    }

    if (!response.ok) {
      throw new Error(answer.detail ?? response.statusText);
    }

    const scores = Object.entries(answer.probabilities).sort(([a], [b]) => a - b);
    show(answer.digit, scores, `Answered in ${answer.milliseconds.toFixed(1)} ms.`);
  } catch (error) {
    show('?', [], `The server did not answer: ${error.message}`, true);
  }
}

function show(digit, scores, text, isBad = false) {
  document.getElementById('digit').textContent = digit;
  status.textContent = text;
  status.classList.toggle('bad', isBad);
  document.getElementById('scores').replaceChildren(...scores.map(([name, share]) => {
    const line = document.createElement('li');
    line.classList.toggle('best', name === digit);
    const [label, bar, value] = ['span', 'i', 'span'].map(tag => line.appendChild(document.createElement(tag)));
    label.textContent = name;
    bar.style.width = `${100 * share}%`;
    value.textContent = `${(100 * share).toFixed(1)} %`;
    return line;
  }));
}

paper.addEventListener('pointerdown', event => {
  paper.setPointerCapture(event.pointerId);
  hint.hidden = true;
  last = position(event);
  draw(event);
});
paper.addEventListener('pointermove', event => last && draw(event));
for (const end of ['pointerup', 'pointercancel']) {
  paper.addEventListener(end, () => {
    if (last) {
      last = null;
      ask();
    }
  });
}

for (const [type, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  document.addEventListener(type, event => {
    event.preventDefault();
    paper.parentElement.classList.toggle('over', over);
    if (type === 'drop' && event.dataTransfer.files[0]) {
      open(event.dataTransfer.files[0]);
    }
  });
}

document.getElementById('file').addEventListener('change', event => event.target.files[0] && open(event.target.files[0]));
document.getElementById('clear').addEventListener('click', clear);
clear();
