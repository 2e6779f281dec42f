// What the other modules share.

/** The first element that fits, or null. */
export const find = (selector, from = document) => from.querySelector(selector)

/** All elements that fit, as an array. */
export const findAll = (selector, from = document) => [...from.querySelectorAll(selector)]

/** A new element with properties and children: `make('p', { className: 'quiet' }, text)`. */
export function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** Calls `setUp` for every element that fits, those announced later included. */
export function enhance(selector, setUp) {
  for (const element of findAll(selector)) setUp(element)
  document.addEventListener('admin:added', ({ target }) => {
    if (target.matches(selector)) setUp(target)
    for (const element of findAll(selector, target)) setUp(element)
  })
}

/** Tells the other modules of a part that was added to the page. */
export function announce(element) {
  element.dispatchEvent(new Event('admin:added', { bubbles: true }))
}
