using System.Globalization;

namespace DigitClassifier;

/// <summary>Prints digits in rows, with the model's reading beside each.</summary>
internal static class Gallery
{
    private const int PerRow = 3;
    private const int CaptionWidth = 11;

    public static void Print(DigitSet digits, IReadOnlyList<Answer> answers, IEnumerable<int> chosen, TextWriter output)
    {
        foreach (int[] row in chosen.Chunk(PerRow))
        {
            string[][] drawings = [.. row.Select(index => DigitArt.Draw(digits.Image(index)))];
            string[][] captions = [.. row.Select(index => Caption(answers[index], digits.Label(index)))];
            for (int line = 0; line < DigitArt.Height; line++)
            {
                IEnumerable<string> cells = row.Select((_, i) => $"{drawings[i][line]} {captions[i][line],-CaptionWidth}");
                output.WriteLine(string.Concat(cells).TrimEnd());
            }

            output.WriteLine();
        }
    }

    /// <summary>One text for each line of a drawing: the reading, its confidence, and the label where they differ.</summary>
    private static string[] Caption(Answer answer, int label)
    {
        string[] lines = [.. Enumerable.Repeat(string.Empty, DigitArt.Height)];
        int middle = DigitArt.Height / 2;
        lines[middle - 1] = answer.Digit.ToString(CultureInfo.InvariantCulture);
        lines[middle] = string.Create(CultureInfo.InvariantCulture, $"{answer.Confidence * 100:F1} %");
        lines[middle + 1] = answer.Digit == label ? string.Empty : $"(it is {label})";
        return lines;
    }
}
