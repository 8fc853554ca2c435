using System.Text;

namespace ModelCompiler.Tool.Terminal;

/// <summary>Rows of words in aligned columns, two blanks apart.</summary>
/// <param name="rightAligned">Columns of numbers, counted from 0.</param>
internal sealed class TextTable(params int[] rightAligned)
{
    private readonly List<string[]> _rows = [];

    public TextTable Add(params string[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    public void WriteTo(TextWriter writer, string indent = "")
    {
        int[] widths = [.. Enumerable.Range(0, _rows.Max(row => row.Length)).Select(column => _rows.Max(row => column < row.Length ? row[column].Length : 0))];
        foreach (string[] row in _rows)
        {
            var line = new StringBuilder(indent);
            for (int column = 0; column < row.Length; column++)
            {
                line.Append(rightAligned.Contains(column) ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column])).Append("  ");
            }
            writer.WriteLine(line.ToString().TrimEnd());
        }
    }
}
