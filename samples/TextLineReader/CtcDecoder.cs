using System.Text;
using ModelCompiler.Runtime;

namespace TextLineReader;

/// <summary>
/// Text of scores by connectionist temporal classification (Graves et al. 2006): the best character of each step, where repetitions
/// are one and the blank, class 0, is none.
/// </summary>
internal sealed class CtcDecoder
{
    private readonly string[] _characters;

    /// <param name="dictionary">A file with a character in each line; a blank comes before the first, a space after the last.</param>
    public CtcDecoder(string dictionary) => _characters = ["", .. File.ReadLines(dictionary), " "];

    public string Decode(PredictionTensor<float> scores)
    {
        if (scores.Shape[^1] != _characters.Length)
        {
            throw new InvalidDataException($"The model knows {scores.Shape[^1]} characters, the dictionary {_characters.Length}.");
        }

        var text = new StringBuilder();
        int last = 0;
        for (int step = 0; step < scores.Length / _characters.Length; step++)
        {
            int best = scores.ArgMax(row: step);
            _ = best == last ? text : text.Append(_characters[best]);
            last = best;
        }

        return text.ToString();
    }
}
