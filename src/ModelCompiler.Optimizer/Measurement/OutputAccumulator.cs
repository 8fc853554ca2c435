using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>
/// Agreement of one output of two models, summed up sample by sample in constant memory.
/// <para>
/// With a the first model's numbers and b the second's: cosine = Σab / √(Σa² Σb²); SQNR = 10·log10(Σa² / Σ(a−b)²).
/// Where both sides are zero throughout, the cosine is 1. Numbers that are NaN on both sides, or the same infinity, are equal and are left out
/// of the sums. A number that is finite on one side only, or two different infinities, is a difference without measure: it makes the largest
/// difference ∞, the SQNR −∞ and the cosine 0. Strings are equal or differ in the same way.
/// </para>
/// </summary>
public sealed class OutputAccumulator
{
    private const int Chunk = 1024;

    /// <summary>Rows that a choice between two, as likely as each other, gives one answer to once in thirty thousand times.</summary>
    private const int ManyRows = 16;

    private readonly double[] _a = new double[Chunk];
    private readonly double[] _b = new double[Chunk];
    private double _squaresA;
    private double _squaresB;
    private double _products;
    private double _noise;
    private double _maxAbs;
    private bool _isBroken;
    private long _rows;
    private long _equalRows;
    private double _regret;
    private int _onlyChoice = -1;
    private bool _isChoice;
    private long _named;
    private long _sameNames;
    private bool _hasQuantities;

    /// <summary>An accumulator for the output of that name.</summary>
    public OutputAccumulator(string name) => Name = name;

    /// <summary>The output's name.</summary>
    public string Name { get; }

    /// <summary>Whether both models leave the output's size open: then what only one of them has differs by all that it is.</summary>
    public bool HasOpenSize { get; init; }

    /// <summary>The dimension along which the numbers lie of which the largest is the answer; null for the last one, −1 for none.</summary>
    public int? ChoiceAxis { get; init; }

    /// <summary>Adds the results of one run, where an output may be made of several tensors, as sequences and maps are.</summary>
    /// <inheritdoc cref="Add(TensorBuffer, TensorBuffer, int, int)"/>
    public void Add(IReadOnlyList<TensorBuffer> a, IReadOnlyList<TensorBuffer> b, int rows, int validRows)
    {
        if (a.Count != b.Count) _isBroken = true;
        for (int i = 0; i < Math.Min(a.Count, b.Count); i++) Add(a[i], b[i], rows, validRows);
    }

    /// <summary>Adds the results of one run.</summary>
    /// <param name="a">The first model's output.</param>
    /// <param name="b">The second model's output, of the same shape, or with more or fewer rows where <see cref="HasOpenSize"/>.</param>
    /// <param name="rows">Size of the batch dimension of the inputs.</param>
    /// <param name="validRows">How many of these rows count.</param>
    /// <exception cref="CompilerException">The shapes differ, or one holds strings and the other numbers.</exception>
    public void Add(TensorBuffer a, TensorBuffer b, int rows, int validRows)
    {
        bool isText = a.ElementType == TensorElementType.String;
        bool areAlike = isText == (b.ElementType == TensorElementType.String);
        if (areAlike && HasOpenSize && !isText && DifferInRows(a.Shape, b.Shape))
        {
            AddRows(a, b);
            return;
        }
        if (!a.Shape.SequenceEqual(b.Shape) || !areAlike || TensorValues.Count(a) != TensorValues.Count(b)) throw DiagnosticTable.OutputsNotComparable.Error(Name, a, b);
        int count = TensorValues.Count(a);
        bool isBatched = a.Shape.Length > 0 && a.Shape[0] == rows && rows > 0;
        if (isBatched) count = count / rows * validRows;
        if (isText) AddStrings(a.Strings.AsSpan(0, count), b.Strings.AsSpan(0, count));
        else AddNumbers(a, b, count, isBatched);
    }

    /// <summary>The agreement over all that was added.</summary>
    public OutputAgreement Result() => new(Name, Cosine(), SqnrDb(), _isBroken ? double.PositiveInfinity : _maxAbs, _rows > 0 ? (double)_equalRows / _rows : null)
    {
        Regret = _rows > 0 ? _regret / _rows : null,
        IsOneAnswer = _rows >= ManyRows && !_isChoice,
        Same = _named > 0 && !_hasQuantities ? (double)_sameNames / _named : null,
    };

    private double Cosine()
    {
        if (_isBroken) return 0;
        if (_noise == 0) return 1;
        if (_squaresA == 0 || _squaresB == 0) return 0;
        // Rounding may leave 1 by an ulp.
        return Math.Clamp(_products / (Math.Sqrt(_squaresA) * Math.Sqrt(_squaresB)), -1, 1);
    }

    private double SqnrDb() => _isBroken ? double.NegativeInfinity : _noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(_squaresA / _noise);

    /// <summary>Whether the shapes differ on one axis, and those before it are 1, so that what both have stands in front.</summary>
    private static bool DifferInRows(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        int axis = a.CommonPrefixLength(b);
        return a.Length == b.Length && axis < a.Length && a[(axis + 1)..].SequenceEqual(b[(axis + 1)..]) && !a[..axis].ContainsAnyExcept(1);
    }

    /// <summary>What both have, and behind it zeros on the side that has less.</summary>
    private void AddRows(TensorBuffer a, TensorBuffer b)
    {
        int shared = Math.Min(TensorValues.Count(a), TensorValues.Count(b));
        AddNumbers(a, b, shared, isBatched: false);
        int rowLength = (int)a.Shape[^1];
        bool areNames = AreNames(a);
        foreach ((TensorBuffer tensor, bool isFirst) in ((TensorBuffer, bool)[])[(a, true), (b, false)])
        {
            for (int start = shared; start < TensorValues.Count(tensor); start += Chunk)
            {
                Span<double> rest = _a.AsSpan(0, Math.Min(Chunk, TensorValues.Count(tensor) - start));
                TensorValues.CopyTo(tensor, start, rest);
                foreach (double value in rest)
                {
                    AddNumber(isFirst ? value : 0, isFirst ? 0 : value);
                    if (areNames) AddName(isSame: false);
                }
            }
            if (areNames || rowLength <= 1 || a.Shape.Length < 2) continue;
            int rows = (TensorValues.Count(tensor) - shared) / rowLength;
            _rows += rows;
            _regret += rows;
            _isChoice = true;
        }
    }

    private void AddStrings(ReadOnlySpan<string> a, ReadOnlySpan<string> b)
    {
        for (int i = 0; i < a.Length; i++)
        {
            bool isSame = string.Equals(a[i], b[i], StringComparison.Ordinal);
            _isBroken |= !isSame;
            AddName(isSame);
        }
    }

    private void AddNumbers(TensorBuffer a, TensorBuffer b, int count, bool isBatched)
    {
        (int rowLength, int stride) = RowsOf(a.Shape, isBatched);
        bool areNames = AreNames(a);
        // Of one class there is nothing to choose, and neither names nor complex numbers have an order.
        bool hasRows = rowLength > 1 && !areNames && TensorValues.Count(a) == a.Length;
        _hasQuantities |= !areNames;
        // As many rows run beside each other as there are numbers between two of one row.
        var largest = new RowMaximum[hasRows ? stride : 0];
        largest.AsSpan().Fill(new RowMaximum(rowLength));
        for (int start = 0; start < count; start += Chunk)
        {
            int length = Math.Min(Chunk, count - start);
            TensorValues.CopyTo(a, start, _a.AsSpan(0, length));
            TensorValues.CopyTo(b, start, _b.AsSpan(0, length));
            for (int i = 0; i < length; i++)
            {
                AddNumber(_a[i], _b[i]);
                if (areNames) AddName(_a[i].Equals(_b[i]));
                if (!hasRows) continue;
                ref RowMaximum row = ref largest[(start + i) % stride];
                if (!row.Add(_a[i], _b[i])) continue;
                _rows++;
                if (_onlyChoice < 0) _onlyChoice = row.IndexA;
                _isChoice |= row.IndexA != _onlyChoice;
                if (row.IsEqual) _equalRows++;
                else _regret += ChoiceRegret.Of(a, start + i - ((rowLength - 1) * stride), rowLength, stride, row.IndexA, row.IndexB);
            }
        }
    }

    /// <summary>How many numbers a row has, and how far from each other they stand.</summary>
    private (int Length, int Stride) RowsOf(ReadOnlySpan<long> shape, bool isBatched)
    {
        int axis = ChoiceAxis is { } known && known < shape.Length ? known : shape.Length - 1;
        // One number a sample: the largest of a batch is none of its choices.
        if (axis < 0 || (axis == 0 && isBatched)) return (1, 1);
        long stride = 1;
        foreach (long size in shape[(axis + 1)..]) stride *= size;
        return ((int)Math.Min(shape[axis], int.MaxValue), (int)Math.Min(stride, int.MaxValue));
    }

    private static bool AreNames(TensorBuffer tensor) => tensor.ElementType is TensorElementType.Int32 or TensorElementType.Int64 or TensorElementType.Bool;

    private void AddName(bool isSame)
    {
        _named++;
        if (isSame) _sameNames++;
    }

    private void AddNumber(double a, double b)
    {
        if (!double.IsFinite(a) || !double.IsFinite(b))
        {
            _isBroken |= !a.Equals(b);
            return;
        }
        double difference = a - b;
        _squaresA += a * a;
        _squaresB += b * b;
        _products += a * b;
        _noise += difference * difference;
        _maxAbs = Math.Max(_maxAbs, Math.Abs(difference));
    }

    /// <summary>Finds the place of the largest number in each row of both sides: the first among equals, and NaN before all, as in NumPy.</summary>
    private struct RowMaximum(int length)
    {
        private int _position;
        private double _a;
        private double _b;

        /// <summary>Where the largest of the first side stood in the row that was completed last.</summary>
        public int IndexA { get; private set; }

        /// <summary>The same of the second side.</summary>
        public int IndexB { get; private set; }

        /// <summary>Whether both stood in the same place.</summary>
        public readonly bool IsEqual => IndexA == IndexB;

        /// <summary>True when the row is complete.</summary>
        public bool Add(double a, double b)
        {
            if (_position == 0 || IsLarger(a, _a)) (_a, IndexA) = (a, _position);
            if (_position == 0 || IsLarger(b, _b)) (_b, IndexB) = (b, _position);
            if (++_position < length) return false;
            _position = 0;
            return true;
        }

        private static bool IsLarger(double candidate, double best) => candidate > best || (double.IsNaN(candidate) && !double.IsNaN(best));
    }
}
